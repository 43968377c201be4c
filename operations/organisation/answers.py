"""An organisation from what the user has given: the current values, changed by options and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.configuration import InvalidConfiguration, Mistake
from components.environment import LADDER
from operations.organisation.model import Environment, Organisation, random_external_id

PLACEHOLDERS = frozenset({"111111111111", "222222222222", "333333333333", "example.com"})
"""Values of the sample that belong to nobody."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the user has given; None, or no entry, where a current or default value stays."""

    suffix: str | None = None
    github_repository: str | None = None
    email_domain: str | None = None
    deployer_role: str | None = None
    """Name of the role that deploys, the same in every account."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    cidrs: Mapping[str, str] = field(default_factory=dict)


def pairs(given: list[str], option: str) -> dict[str, str]:
    """Read values of a repeatable option such as `dev=111111111111`.

    Raises:
        InvalidConfiguration: listing each that has another form, an unknown environment, or one twice.
    """
    found: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or name not in LADDER or not value or name in found:
            mistakes.append(
                Mistake(
                    key=option,
                    value=item,
                    allowed=f"ENVIRONMENT=VALUE, once for each of {', '.join(LADDER)}",
                    fix=f"write for example {option} {LADDER[0]}=VALUE",
                )
            )
        else:
            found[name] = value
    if mistakes:
        raise InvalidConfiguration(option, mistakes)
    return found


def apply(answers: Answers, current: Organisation) -> Organisation:
    """Return the organisation with the answers. A new account gets new external ids and principals."""
    return Organisation(
        suffix=answers.suffix or current.suffix,
        github_repository=(
            current.github_repository if answers.github_repository is None else answers.github_repository
        ),
        environments={
            name: _environment(name, environment, answers)
            for name, environment in current.environments.items()
        },
    )


def _environment(name: str, current: Environment, answers: Answers) -> Environment:
    account = answers.accounts.get(name, current.account_id)
    moved = account != current.account_id
    role = answers.deployer_role
    return Environment(
        account_id=account,
        region=answers.regions.get(name, current.region),
        vpc_cidr=answers.cidrs.get(name, current.vpc_cidr),
        deployer_principals=(
            [f"arn:aws:iam::{account}:role/{role}"]
            if role
            else _moved(current.deployer_principals, current.account_id, account)
        ),
        external_id=random_external_id() if moved else current.external_id,
        destroyer_principals=_moved(current.destroyer_principals, current.account_id, account),
        destroyer_external_id=random_external_id() if moved else current.destroyer_external_id,
        operator_principals=_moved(current.operator_principals, current.account_id, account),
        operator_external_id=random_external_id() if moved else current.operator_external_id,
        notification_emails=_addresses(current.notification_emails, answers.email_domain),
        operator_emails=_addresses(current.operator_emails, answers.email_domain),
        upstream=current.upstream,
        wave=current.wave,
    )


def _moved(principals: list[str], before: str, after: str) -> list[str]:
    return [item.replace(f"::{before}:", f"::{after}:") for item in principals]


def _addresses(current: list[str], domain: str | None) -> list[str]:
    return [f"{item.partition('@')[0]}@{domain}" for item in current] if domain else current


def placeholders(organisation: Organisation) -> list[str]:
    """Return the places that still hold a value of the sample."""
    found: list[str] = []
    for name, environment in organisation.environments.items():
        if environment.account_id in PLACEHOLDERS:
            found.append(f"environments.{name}.accountId: {environment.account_id}")
        found += [
            f"environments.{name}: {address}"
            for address in [*environment.notification_emails, *environment.operator_emails]
            if address.rpartition("@")[2] in PLACEHOLDERS
        ]
    return found
