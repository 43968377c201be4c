"""The sandbox's accounts: one for each environment, as the projects' stack files have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import boto3
import botocore.loaders
import botocore.session

from components.environment import LADDER
from components.stack_files import read_project
from components.stacks import PROJECTS
from operations import REPOSITORY

CALLER = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
"""Whoever calls: moto takes any credentials, and roles decide over the account from there on."""

ADMINISTRATOR = "OrganizationAccountAccessRole"


class NoAccount(Exception):  # noqa: N818  what it is
    """An environment's stack file does not say where it lives."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An environment's place in the sandbox."""

    environment: str
    id: str
    region: str
    suffix: str = ""
    """Last part of its resources' names."""


def accounts(root: Path = REPOSITORY, ladder: Sequence[str] = LADDER) -> dict[str, Account]:
    """Every environment's account, as the stack files have it. Raises NoAccount, InvalidConfiguration."""
    project = PROJECTS[0]
    files = read_project(root / "projects" / project, ladder)
    return {environment: _account(environment, project, values) for environment, values in files.items()}


def _account(environment: str, project: str, values: dict[str, object]) -> Account:
    missing = [key for key in ("accountId", "region") if f"{project}:{key}" not in values]
    if missing:
        keys = " and ".join(f"{project}:{key}" for key in missing)
        raise NoAccount(f"projects/{project}/Pulumi.{environment}.yaml has no {keys}: set it there.")
    return Account(
        environment=environment,
        id=str(values[f"{project}:accountId"]),
        region=str(values[f"{project}:region"]),
        suffix=str(values.get(f"{project}:environmentSuffix", "")),
    )


def credentials(
    url: str,
    account_id: str,
    region: str,
    role_arn: str | None = None,
    *,
    by: boto3.Session | None = None,
) -> dict[str, str]:
    """Credentials in a sandbox's account, as its administrator or as the role, in boto3's words.

    moto lets anyone assume any role, of any account.
    """
    role_arn = role_arn or f"arn:aws:iam::{account_id}:role/{ADMINISTRATOR}"
    caller = {name.lower(): value for name, value in CALLER.items()}
    sts = (by or blank_session()).client("sts", region_name=region, endpoint_url=url, **caller)
    granted = sts.assume_role(RoleArn=role_arn, RoleSessionName="sandbox")["Credentials"]
    return {
        "aws_access_key_id": granted["AccessKeyId"],
        "aws_secret_access_key": granted["SecretAccessKey"],
        "aws_session_token": granted["SessionToken"],
    }


def session(url: str, account_id: str, region: str, role_arn: str | None = None) -> boto3.Session:
    """A boto3 session in a sandbox's account and region, as its administrator or as the role."""
    granted = credentials(url, account_id, region, role_arn)
    # Of its own: boto3 extends the clients of a botocore session once for every session that it makes of it.
    return boto3.Session(region_name=region, botocore_session=_blank(), **granted)


def blank_session() -> boto3.Session:
    """A session that knows nothing of the user's own profile and configuration."""
    return boto3.Session(botocore_session=_blank())


def _blank() -> botocore.session.Session:
    nowhere = dict.fromkeys(("config_file", "credentials_file"), (None, None, "/dev/null", None))
    session = botocore.session.Session(session_vars={"profile": (None, None, None, None), **nowhere})
    loader = _descriptions()
    session.register_component("data_loader", loader)
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)  # every boto3 session adds its own
    return session


@cache
def _descriptions() -> botocore.loaders.Loader:
    """AWS's descriptions of its services: reading them, once a process, is most of what a client costs."""
    return botocore.loaders.create_loader()
