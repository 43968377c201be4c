"""Check what an environment's account needs besides the stacks: a trail, Access Analyzer, the watch, …

Reads only, with your own credentials, which have to be of the environment's account: an administrator's or
an auditor's. Exits with 0 where all is there, 1 where something is missing, 2 where something could not be
checked.
"""

import json as json_format
import sys
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError
from pulumi import automation as auto

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from components.stack_files import read_project
from operations import REPOSITORY
from operations.doctor.account import Account, check_account
from operations.doctor.checkout import external_ids, plugin
from operations.doctor.finding import Finding, as_data, exit_code, not_checked, text
from operations.engine import EngineUnavailable
from operations.workspace import engine_command

app = typer.Typer(help=__doc__, add_completion=False, rich_markup_mode=None)

BOOTSTRAP = "bootstrap-iam"


@app.command(help=__doc__)
def main(
    env: Annotated[
        str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
    ],
    json: Annotated[
        bool, typer.Option("--json", help="Write the findings to standard output as JSON.")
    ] = False,
) -> None:
    """Check an environment."""
    if env not in LADDER:
        raise typer.BadParameter(f"{env!r} is not one of {', '.join(LADDER)}.", param_hint="--env")
    try:
        files = read_project(REPOSITORY / "projects" / BOOTSTRAP, LADDER)
    except InvalidConfiguration as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    config = {key.partition(":")[2]: value for key, value in files.get(env, {}).items()}
    ids = {name: str(values.get(f"{BOOTSTRAP}:externalId", "")) for name, values in files.items()}
    session = boto3.Session(region_name=str(config.get("region", "")) or None)
    account = Account(
        environment=env,
        suffix=str(config.get("environmentSuffix", "")),
        account_id=str(config.get("accountId", "")),
        client=session.client,
        administrator_role=str(config.get("administratorRole", "")),
    )
    try:
        found = (external_ids(ids, env), _plugin(), *check_account(account))
    except BotoCoreError as error:
        typer.echo(f"AWS can't be asked: {error}", err=True)
        raise typer.Exit(2) from None
    sys.stdout.write((json_format.dumps(as_data(found), indent=2) if json else text(found)) + "\n")
    raise typer.Exit(exit_code(found))


def _plugin() -> Finding:
    try:
        listed = engine_command().run(["plugin", "ls", "--json"], str(REPOSITORY), {})
        return plugin(json_format.loads(listed.stdout))
    except (EngineUnavailable, auto.CommandError, ValueError) as error:
        return not_checked("aws-plugin", str(error).partition("\n")[0], "make setup")
