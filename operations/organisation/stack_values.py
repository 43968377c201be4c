"""Which stack configuration each value of an organisation becomes, and whether the projects accept it."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from components import stack_files
from components.configuration import InvalidConfiguration, Mistake
from components.project_settings import SECTIONS
from components.settings import parse
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.organisation.model import FILE, Environment, Organisation

Value = Callable[[Organisation, Environment, str], object]
"""A value's source: organisation, environment and the environment's name to the value; None for no key."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A configuration key, the projects that have it, and where its value comes from."""

    key: str
    projects: Sequence[str]
    place: str
    """Path in organisation.yaml; `{environment}` stands for the environment's name."""
    value: Value


def _of_environment(key: str, field: str, *projects: str) -> Binding:
    return Binding(
        key=key,
        projects=projects,
        place=f"environments.{{environment}}.{key}",
        value=lambda _organisation, environment, _name: getattr(environment, field),
    )


def email_domains(environment: Environment) -> list[str]:
    """Return the domains of an environment's addresses, each once, in lower case."""
    addresses = [*environment.notification_emails, *environment.operator_emails]
    return sorted({address.rpartition("@")[2].lower() for address in addresses})


def _github_subject(organisation: Organisation, _environment: Environment, name: str) -> str | None:
    repository = organisation.github_repository
    return f"repo:{repository}:environment:{name}" if repository else None


BINDINGS: tuple[Binding, ...] = (
    _of_environment("accountId", "account_id", *PROJECTS),
    _of_environment("region", "region", *PROJECTS),
    Binding(
        key="environmentSuffix",
        projects=PROJECTS,
        place="suffix",
        value=lambda organisation, _environment, _name: organisation.suffix,
    ),
    _of_environment("deployerPrincipals", "deployer_principals", "bootstrap-iam"),
    _of_environment("externalId", "external_id", "bootstrap-iam"),
    _of_environment("destroyerPrincipals", "destroyer_principals", "bootstrap-iam"),
    _of_environment("destroyerExternalId", "destroyer_external_id", "bootstrap-iam"),
    _of_environment("operatorPrincipals", "operator_principals", "bootstrap-iam"),
    _of_environment("operatorExternalId", "operator_external_id", "bootstrap-iam"),
    Binding(
        key="emailDomains",
        projects=("bootstrap-iam",),
        place="environments.{environment}.notificationEmails",
        value=lambda _organisation, environment, _name: email_domains(environment),
    ),
    Binding(
        key="githubSubject", projects=("bootstrap-iam",), place="githubRepository", value=_github_subject
    ),
    _of_environment("vpcCidr", "vpc_cidr", "network"),
    _of_environment("notificationEmails", "notification_emails", "payments"),
    _of_environment("operatorEmails", "operator_emails", "payments"),
)
"""Every identity value that has no default. All other keys of a stack file belong to whoever edits it."""


def values(organisation: Organisation, project: str, environment: str) -> dict[str, Any]:
    """Return the values of a stack file that the organisation decides, by key with namespace."""
    found = {
        f"{project}:{binding.key}": binding.value(
            organisation, organisation.environments[environment], environment
        )
        for binding in BINDINGS
        if project in binding.projects
    }
    return {key: value for key, value in found.items() if value is not None}


def mistakes(organisation: Organisation, *, projects: Path = REPOSITORY / "projects") -> list[Mistake]:
    """Return what the projects' settings refuse, each mistake once, with its place in organisation.yaml.

    The values that the organisation does not decide come from the stack files in `projects`.
    """
    found: dict[tuple[str, str], Mistake] = {}
    for project in PROJECTS:
        current = stack_files.read_project(projects / project, organisation.environments)
        files = {
            environment: {**current.get(environment, {}), **values(organisation, project, environment)}
            for environment in organisation.environments
        }
        fallback = {
            key: stack_files.value_text(value)
            for key, value in stack_files.project_defaults(projects / project).items()
        }
        for environment, config in files.items():
            given = {key.partition(":")[2]: stack_files.value_text(value) for key, value in config.items()}
            problems = stack_files.mistakes(files, environment)
            try:
                parse(*SECTIONS[project], {**fallback, **given}, project=project, environment=environment)
            except InvalidConfiguration as refused:
                problems = [*refused.mistakes, *problems]
            for mistake in problems:
                placed = _placed(mistake, environment)
                found.setdefault((placed.key, placed.allowed), placed)
    return list(found.values())


def _placed(mistake: Mistake, environment: str) -> Mistake:
    """The mistake with its place in organisation.yaml, where that is where the value comes from."""
    project, _, key = mistake.key.partition(":")
    for binding in BINDINGS:
        if key == binding.key and project in binding.projects:
            place = binding.place.format(environment=environment)
            return replace(mistake, key=place, fix=f"correct it in {FILE}")
    return mistake


def overlaps(organisation: Organisation) -> list[str]:
    """Return a warning per pair of environments with overlapping address ranges: they cannot be peered."""
    ranges: Mapping[str, ipaddress.IPv4Network] = {
        name: ipaddress.IPv4Network(environment.vpc_cidr)
        for name, environment in organisation.environments.items()
        if re.fullmatch(r"[0-9.]+/[0-9]+", environment.vpc_cidr)
    }
    names = list(ranges)
    return [
        f"The address ranges of {one} ({ranges[one]}) and {other} ({ranges[other]}) overlap."
        for index, one in enumerate(names)
        for other in names[index + 1 :]
        if ranges[one].overlaps(ranges[other])
    ]
