"""The chain of stacks: each project's output contract, written and read through one type."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, Self

import pulumi
from pydantic.alias_generators import to_camel

PROJECTS: tuple[str, ...] = ("bootstrap-iam", "network", "payments")
"""The projects in the order in which an environment is deployed."""


LACKS_OUTPUTS = "has no outputs"
"""Beginning of the message on a stack that cannot be read; scripts recognise it."""


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """A project's stack outputs. Nothing secret is among them. The output of `table_arn` is `tableArn`."""

    PROJECT: ClassVar[str]

    def export(self) -> None:
        """Make these the running stack's outputs."""
        for each in fields(self):
            pulumi.export(to_camel(each.name), getattr(self, each.name))

    @classmethod
    def of(cls, environment: str) -> Self:
        """Another stack's outputs, by StackReference.

        Raises pulumi.RunError, before any resource is touched, where the stack or an output is missing.
        """
        shown = outputs_now(cls.PROJECT, environment)
        missing = [
            to_camel(each.name)
            for each in fields(cls)
            if to_camel(each.name) not in shown and _is_required(each)
        ]
        if missing:
            raise pulumi.RunError(
                f"{cls.PROJECT}/{environment} {LACKS_OUTPUTS} {', '.join(missing)}: it is not deployed, "
                "or no longer, or was by an earlier version. Deploy it first."
            )
        name = f"{pulumi.get_organization()}/{cls.PROJECT}/{environment}"
        reference = pulumi.StackReference(f"{cls.PROJECT}-{environment}", stack_name=name)
        # Taken from all of them: `require_output` would go through every output again for each.
        return cls(
            **{
                each.name: reference.outputs[to_camel(each.name)]
                for each in fields(cls)
                if to_camel(each.name) in shown
            }
        )


def _is_required(output: Field[Any]) -> bool:
    """Whether a stack that is read must have the output: a field with a default may be missing."""
    return output.default is MISSING and output.default_factory is MISSING


READS = 50
SECONDS_BETWEEN_READS = 0.1
_HALF_WRITTEN = "failed to load checkpoint"
"""What the engine says of a state that is being written: a file backend does that in place, not at once."""
_NO_STACK = "unknown stack"
"""The engine's message for a stack that was never created."""


def outputs_now(project: str, environment: str, *, missing_ok: bool = False) -> Mapping[str, Any]:
    """A stack's outputs as they are now, for what has to be decided before any resource is touched.

    A StackReference knows them only once the program runs to its end. The running stack may ask for its own:
    it gets those of its last update, none where there was no update yet.

    Raises pulumi.RunError where there is no such stack, unless `missing_ok`: then it has no outputs.
    """
    name = f"{pulumi.get_organization()}/{project}/{environment}"
    for patience in reversed(range(READS)):
        try:
            answer = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
        except Exception as error:  # noqa: BLE001  the SDK raises nothing more precise
            if patience and _HALF_WRITTEN in str(error):
                time.sleep(SECONDS_BETWEEN_READS)
                continue
            if missing_ok and _NO_STACK in str(error):
                return {}
            raise pulumi.RunError(f"the outputs of {project}/{environment} can't be read: {error}") from None
        break
    outputs: Mapping[str, Any] = (answer or {}).get("outputs") or {}
    return outputs


@dataclass(frozen=True, kw_only=True)
class ReleasedOutputs(Outputs):
    """Outputs on the release that a stack was deployed from; empty from earlier versions."""

    content_digest: pulumi.Input[str] = ""
    """SHA-256 over all files that decide what is deployed, hexadecimal (components/content.py)."""
    configuration_digest: pulumi.Input[str] = ""
    """SHA-256 of the stack's identity and scaling settings, hexadecimal."""
    release_commit: pulumi.Input[str] = ""
    """Git commit of the checkout, empty where it was no release."""
    unreleased: pulumi.Input[str] = ""
    """Why the checkout was no release; empty where it was one."""
    break_glass: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)
    """Empty, or what was deployed unverified: its digests, reason, expires. Until a clean promotion."""


@dataclass(frozen=True, kw_only=True)
class BootstrapIamOutputs(ReleasedOutputs):
    """The way into an account, for whoever deploys to it and whoever operates it."""

    PROJECT = "bootstrap-iam"

    account_id: pulumi.Input[str]
    deployer_role_arn: pulumi.Input[str]
    destroyer_role_arn: pulumi.Input[str]
    """The role that creates, opens and deletes what holds payments."""
    operator_role_arn: pulumi.Input[str]
    reader_role_arn: pulumi.Input[str]
    verifier_role_arn: pulumi.Input[str]
    """The role that sees how the environment is configured, and can change nothing."""
    deployer_external_id: pulumi.Input[str]
    """What a caller must name to assume one of these roles: no credential, but it guards a confused deputy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    destroyer_external_id: pulumi.Input[str]
    operator_external_id: pulumi.Input[str]
    permissions_boundary_arn: pulumi.Input[str]
    workload_role_arns: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Resource type (such as `payments-function-role`) to ARN, of the roles that services assume."""

    def workload_role_arn(self, resource_type: str) -> pulumi.Output[str]:
        """Return the ARN of one workload role.

        Raises pulumi.RunError, as the program runs, if `bootstrap-iam` makes no such role.
        """
        return pulumi.Output.from_input(self.workload_role_arns).apply(
            lambda arns: _declared(arns, resource_type)
        )


def _declared(arns: Mapping[str, Any], resource_type: str) -> str:
    if resource_type not in arns:
        raise pulumi.RunError(
            f"bootstrap-iam makes no {resource_type}, but {', '.join(sorted(arns))}. Add the processor to "
            "bootstrap-iam:processors, and have an administrator deploy bootstrap-iam."
        )
    return str(arns[resource_type])


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs(ReleasedOutputs):
    """Where functions run."""

    PROJECT = "network"

    account_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    private_subnet_ids: pulumi.Input[list[str]]
    function_security_group_id: pulumi.Input[str]
    dynamodb_endpoint_id: pulumi.Input[str]
    sns_endpoint_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class PaymentsOutputs(ReleasedOutputs):
    """The payment processor, as producers, operators and the next environment see it."""

    PROJECT = "payments"

    account_id: pulumi.Input[str]
    table_arn: pulumi.Input[str]
    table_name: pulumi.Input[str]
    upstream_table_arns: pulumi.Input[list[str]]
    """The ledgers of the environments below, lowest first."""
    queue_url: pulumi.Input[str]
    queue_arn: pulumi.Input[str]
    dead_letter_queue_url: pulumi.Input[str]
    dead_letter_queue_arn: pulumi.Input[str]
    verification_queue_url: pulumi.Input[str]
    """Where synthetic payments are sent; nobody but the verifier may."""
    verification_dead_letter_queue_url: pulumi.Input[str]
    topic_arn: pulumi.Input[str]
    """Where payment notifications are published."""
    alarm_topic_arn: pulumi.Input[str]
    function_name: pulumi.Input[str]
    function_arn: pulumi.Input[str]
    contract_digest: pulumi.Input[str]
    """SHA-256 of the contract of payment requests that the function holds messages to."""
    artifact_digest: pulumi.Input[str]
    """SHA-256 of the function's zip, hexadecimal."""
    release: pulumi.Input[str]
    """Id of the release that was deployed last; `unreleased` where the checkout was none."""
    content_projects: pulumi.Input[Sequence[str]] = field(default_factory=tuple)
    """The environment's projects whose stacks held the same content when payments was deployed last."""
    verified_artifact_digest: pulumi.Input[str]
    """What was verified last in this environment, empty until then: the one that may go one up the ladder."""
    verified_content_digest: pulumi.Input[str] = ""
    """The content that was verified last: the one that the environments above may take."""
    verified_projects: pulumi.Input[Sequence[str]] = field(default_factory=tuple)
    """The projects whose stacks held it then."""
    verified_release: pulumi.Input[str]
    verified_release_commit: pulumi.Input[str]
    verified_at: pulumi.Input[str]
    """Time of the first pass: ISO 8601 in UTC."""
    earlier_verified: pulumi.Input[Sequence[Mapping[str, Any]]]
    """What was verified before that, latest first: artifactDigest, contentDigest, projects, release,
    releaseCommit, at."""
    failed_verifications: pulumi.Input[Sequence[Mapping[str, Any]]] = field(default_factory=tuple)
    """What failed its verification here and has not passed one since, latest first: artifactDigest,
    contentDigest, release, at."""
