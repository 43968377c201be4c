"""The typed configuration of a stack: identity, scaling and promotion fields.

Every value of a stack is one of these kinds:

- *Uniform*: the same everywhere. A constant in the code or a default in `Pulumi.yaml`; never in a stack file.
- *Identity*: values that belong to one environment: account, region, suffix, address range, people.
- *Scaling*: a controlled variation. The only values in which two environments may behave differently.
- *Promotion*: the last verification's result, and exceptions from the gate; stack files hold only the latter.

    stack configuration → parse (all mistakes together) → Settings(identity, scaling, promotion)
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, Generic, TypeVar, get_origin

import pulumi
import pulumi_aws as aws
from pulumi.runtime import config as runtime_config
from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from components import stack_files
from components.configuration import MASKED, InvalidConfiguration, Mistake
from components.environment import LADDER, environments_of, upstreams_of
from components.naming import LONGEST_SUFFIX, SHORTEST_SUFFIX, SUFFIX_PATTERN, Names
from components.promotion_settings import BREAK_GLASS, NOTHING_SPECIAL, TRANSIENT, Promotion
from components.section import Allowed, Section

AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$"), Allowed("an AWS account id: 12 digits, in quotes")]
OTHER_PARTITIONS = ("cn-", "eu-isoe-", "eusc-", "us-gov-", "us-iso")
"""First characters of regions outside the partition `aws`, in which ARNs begin differently."""
REGIONS = frozenset(
    region.value for region in aws.Region if not str(region.value).startswith(OTHER_PARTITIONS)
)
"""The regions of the partition `aws` that the installed pulumi-aws knows."""


def _is_region(region: str) -> str:
    if region not in REGIONS:
        raise ValueError("not a region of the partition aws")
    return region


Region = Annotated[
    str,
    AfterValidator(_is_region),
    Allowed("a region of the AWS partition `aws` such as eu-west-1 (not of aws-cn, aws-us-gov or another)"),
]


def _is_no_environment(suffix: str) -> str:
    if suffix in LADDER:
        raise ValueError("the name of an environment")
    return suffix


Suffix = Annotated[
    str,
    Field(pattern=f"^{SUFFIX_PATTERN}$"),
    AfterValidator(_is_no_environment),
    Allowed(
        f"{SHORTEST_SUFFIX} to {LONGEST_SUFFIX} lower-case letters and digits, a letter first, "
        f"and not an environment's name ({', '.join(LADDER)})"
    ),
]


class Identity(Section):
    """Values that make a stack part of its environment, in every project."""

    PROMOTION: ClassVar[type[Promotion]] = Promotion
    """The promotion fields of the project."""

    account_id: AccountId = Field(
        description="AWS account that the stack lives in; every environment has its own."
    )
    region: Region = Field(description="AWS region that the stack lives in.")
    environment_suffix: Suffix = Field(
        description="Last part of every name, so that deployments don't collide."
    )


class Scaling(Section):
    """Controlled variations. Each field's description says why environments may differ in it."""


# Covariant: what takes any stack's settings takes a project's.
I = TypeVar("I", bound=Identity, covariant=True)  # noqa: E741  the two kinds by their initials
S = TypeVar("S", bound=Scaling, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Settings(Generic[I, S]):
    """One stack's configuration, checked."""

    project: str
    environment: str
    identity: I
    scaling: S
    promotion: Promotion = NOTHING_SPECIAL
    upstreams: tuple[str, ...] = ()
    """Environments on the way of a release to this one, lowest first."""

    @property
    def upstream(self) -> str | None:
        """The environment whose verified releases this one takes; None for the lowest environment."""
        return self.upstreams[-1] if self.upstreams else None

    @property
    def configuration_digest(self) -> str:
        """SHA-256 of the identity and scaling values by meaning, hexadecimal."""
        values = {**self.identity.model_dump(by_alias=True), **self.scaling.model_dump(by_alias=True)}
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def names(self) -> Names:
        """The stack's naming function."""
        return Names(environment=self.environment, suffix=self.identity.environment_suffix)

    @property
    def tags(self) -> dict[str, str]:
        """Tags that the provider puts on every resource of the stack."""
        return {
            "Project": self.project,
            "Environment": self.environment,
            "EnvironmentSuffix": self.identity.environment_suffix,
            "ManagedBy": "pulumi",
        }


def parse(
    identity: type[I],
    scaling: type[S],
    values: Mapping[str, object],
    *,
    project: str,
    environment: str,
    secret: frozenset[str] = frozenset(),
) -> Settings[I, S]:
    """Parse configuration values in Pulumi's form: text, with JSON for all but strings.

    Args:
        identity: the project's identity fields.
        scaling: the project's scaling fields.
        values: key (without namespace) to value.
        project: Pulumi project; the keys' namespace in messages.
        environment: the stack's name.
        secret: keys whose value no message may show.

    Raises:
        InvalidConfiguration: listing every missing, mistyped, out-of-range and unknown key.
    """
    mistakes: list[Mistake] = []
    sections: list[Section] = []
    kinds: tuple[type[Section], ...] = (identity, scaling, identity.PROMOTION)
    for section in kinds:
        keys = {str(field.alias) for field in section.model_fields.values()}
        try:
            given = {key: _decode(section, key, value) for key, value in values.items() if key in keys}
            sections.append(section.model_validate(given))
        except ValidationError as error:
            mistakes += _mistakes(
                section, error.errors(), project=project, environment=environment, secret=secret
            )
    known = {str(field.alias) for section in kinds for field in section.model_fields.values()}
    mistakes += [
        Mistake(
            key=f"{project}:{key}",
            value=MASKED if key in secret else value,
            allowed=f"one of the keys {', '.join(sorted(known))}",
            fix=f"correct the spelling in Pulumi.{environment}.yaml, or remove the line",
        )
        for key, value in values.items()
        if key not in known
    ]
    if mistakes:
        raise InvalidConfiguration(f"{project}/{environment}", mistakes)
    checked_identity, checked_scaling, checked_promotion = sections
    assert isinstance(checked_identity, identity)  # noqa: S101  for the type checker: one section of each kind
    assert isinstance(checked_scaling, scaling)  # noqa: S101
    assert isinstance(checked_promotion, Promotion)  # noqa: S101
    return Settings(
        project=project,
        environment=environment,
        identity=checked_identity,
        scaling=checked_scaling,
        promotion=checked_promotion,
    )


def load(identity: type[I], scaling: type[S], *, project_directory: Path) -> Settings[I, S]:
    """Return the running stack's settings, checked against the project's other stack files.

    Args:
        identity: the project's identity fields.
        scaling: the project's scaling fields.
        project_directory: where the project's stack files are.

    Raises:
        InvalidConfiguration: listing every mistake, before any resource is registered.
    """
    project, environment = pulumi.get_project(), pulumi.get_stack()
    tree = environments_of(project_directory.resolve().parent)
    upstreams = upstreams_of(environment, tree)  # refuses an environment that is not in the tree
    mistakes = stack_files.mistakes(
        stack_files.read_project(project_directory, tree),
        environment,
        transient=frozenset(f"{project}:{key}" for key in TRANSIENT),
        exceptional=frozenset({f"{project}:{BREAK_GLASS}"}),
    )
    values: dict[str, object] = {}
    for name, value in {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}.items():
        namespace, _, key = name.partition(":")
        if namespace == project:
            values[key] = value
        elif namespace != "pulumi":
            mistakes.append(_foreign(name, project, environment))
    mistakes += _overridden(
        identity.uniform_keys(enforced=True), values, project_directory, project, environment
    )
    secret = frozenset(key for key in values if runtime_config.is_config_secret(f"{project}:{key}"))
    try:
        settings = parse(
            identity,
            scaling,
            values,
            project=project,
            environment=environment,
            secret=secret,
        )
    except InvalidConfiguration as invalid:
        raise InvalidConfiguration(invalid.subject, [*invalid.mistakes, *mistakes]) from None
    if mistakes:
        raise InvalidConfiguration(f"{project}/{environment}", mistakes)
    return replace(settings, upstreams=upstreams)


def _decode(section: type[Section], key: str, value: object) -> object:
    """Pulumi keeps every value as text; all but strings are JSON in it."""
    annotation = next(field.annotation for field in section.model_fields.values() if field.alias == key)
    if not isinstance(value, str) or annotation is str:
        return value
    try:
        decoded: object = json.loads(value)
    except (ValueError, RecursionError):  # not JSON, or nested beyond all reason
        return value
    return tuple(decoded) if get_origin(annotation) is tuple and isinstance(decoded, list) else decoded


def _mistakes(
    section: type[Section],
    errors: list[ErrorDetails],
    *,
    project: str,
    environment: str,
    secret: frozenset[str],
) -> list[Mistake]:
    fields = {field.alias: field for field in section.model_fields.values()}
    found: dict[str, Mistake] = {}
    for error in errors:
        key = str(error["loc"][0])
        field = fields[key]
        allowed = next((note.text for note in field.metadata if isinstance(note, Allowed)), error["msg"])
        value = None if error["type"] == "missing" else MASKED if key in secret else error["input"]
        found.setdefault(
            key,
            Mistake(
                key=f"{project}:{key}",
                value=value,
                allowed=allowed,
                fix=f"set it in Pulumi.{environment}.yaml ({field.description})",
            ),
        )
    return list(found.values())


def _overridden(
    uniform: frozenset[str],
    values: Mapping[str, object],
    project_directory: Path,
    project: str,
    environment: str,
) -> list[Mistake]:
    """The uniform values that are not the project's defaults."""
    defaults = stack_files.project_defaults(project_directory) if uniform else {}
    return [
        Mistake(
            key=f"{project}:{key}",
            value=values[key],
            allowed=f"the same in every environment, {stack_files.value_text(defaults[key])} by Pulumi.yaml",
            fix=f"remove it from Pulumi.{environment}.yaml; a release carries a change in Pulumi.yaml",
        )
        for key in sorted(uniform & values.keys() & defaults.keys())
        if _parsed(values[key]) != defaults[key]
    ]


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _foreign(name: str, project: str, environment: str) -> Mistake:
    return Mistake(
        key=name,
        value="set",
        allowed=f"a key of the namespace {project!r}, since the program alone configures providers",
        fix=f"remove it from Pulumi.{environment}.yaml",
    )
