"""What a program registers, with the questions that tests ask of it, and invented outputs of upstream stacks.

recorder = record(program, project="payments", environment="dev")     # any code that makes resources
recorder = render("payments", "dev")                                   # projects/payments/__main__.py
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from components.stack_files import value_text
from components.stacks import ReleasedOutputs
from operations import rendering
from operations.rendering import Registered, configuration
from operations.rendering.program import run
from tests.builders import ARTIFACT, BOUNDARY, FLOW_LOG_ROLE, FUNCTION_ROLE, STANDING

__all__ = ["PROJECTS", "Recorder", "Registered", "configuration", "record", "render"]

PROJECTS = Path(__file__).resolve().parent.parent / "projects"

UPSTREAM_OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    "bootstrap-iam": {
        "accountId": "111111111111",
        "deployerRoleArn": "arn:aws:iam::111111111111:role/deployer-role-dev-acme",
        "destroyerRoleArn": "arn:aws:iam::111111111111:role/destroyer-role-dev-acme",
        "operatorRoleArn": "arn:aws:iam::111111111111:role/operator-role-dev-acme",
        "readerRoleArn": "arn:aws:iam::111111111111:role/reader-role-dev-acme",
        "verifierRoleArn": "arn:aws:iam::111111111111:role/verifier-role-dev-acme",
        "deployerExternalId": "payments-deployer-dev",
        "destroyerExternalId": "payments-destroyer-dev",
        "operatorExternalId": "payments-operator-dev",
        "permissionsBoundaryArn": BOUNDARY,
        "workloadRoleArns": {
            "payments-function-role": FUNCTION_ROLE,
            "flow-log-role": FLOW_LOG_ROLE,
        },
    },
    "network": {
        "accountId": "111111111111",
        "vpcId": "vpc-0",
        "privateSubnetIds": ["subnet-a", "subnet-b"],
        "functionSecurityGroupId": "sg-function",
        "dynamodbEndpointId": "vpce-dynamodb",
        "snsEndpointId": "vpce-sns",
    },
    "payments": {
        name: f"{name}-of-upstream"
        for name in [
            "accountId",
            "tableArn",
            "tableName",
            "queueUrl",
            "queueArn",
            "deadLetterQueueUrl",
            "deadLetterQueueArn",
            "verificationQueueUrl",
            "verificationDeadLetterQueueUrl",
            "topicArn",
            "alarmTopicArn",
            "functionName",
            "functionArn",
            "contractDigest",
        ]
    }
    | {"upstreamTableArns": [], **{to_camel(name): value for name, value in STANDING.as_outputs().items()}},
}
"""What a StackReference to each project answers, unless a test says otherwise."""


@dataclass(kw_only=True)
class Recorder(rendering.Recorder):
    """Everything that one program registered and read."""

    def token(self, resource: str, attribute: str) -> str:
        match attribute:
            case "arn":
                return f"arn:of:{resource}"
            case "url":
                return f"https://queue/{resource}"
            case "prefixListId":
                return f"{resource}-prefix-list"
        return f"{resource}-id"

    def upstream(self, stack: str) -> Mapping[str, Any]:
        if stack in self.references:
            return self.references[stack]
        return UPSTREAM_OUTPUTS[stack.split("/")[1]]

    def of_type(self, suffix: str) -> list[Registered]:
        """Resources whose type ends so: `of_type("sqs/queue:Queue")`."""
        return [resource for resource in self.resources if resource.type.endswith(suffix)]

    def one(self, type_suffix: str, name: str | None = None) -> Registered:
        """The only resource of a type, or the one with this logical name."""
        found = [each for each in self.of_type(type_suffix) if name is None or each.name == name]
        assert len(found) == 1, f"{len(found)} of {type_suffix} {name or ''}: {[each.name for each in found]}"
        return found[0]

    @property
    def own_outputs(self) -> dict[str, Any]:
        """The outputs without those of the release, which every project has."""
        released = {to_camel(each.name) for each in fields(ReleasedOutputs)}
        assert released <= self.outputs.keys()
        return {name: value for name, value in self.outputs.items() if name not in released}

    @property
    def aws(self) -> list[Registered]:
        """The AWS resources."""
        return [each for each in self.resources if each.custom and each.type.startswith("aws:")]

    def ancestors(self, resource: Registered) -> list[str]:
        """The types of the components above a resource, nearest first."""
        by_urn = {each.urn: each for each in self.resources}
        found = []
        while parent := by_urn.get(resource.parent):
            found.append(parent.type)
            resource = parent
        return found


def record(
    program: Callable[[], Any],
    *,
    project: str = "payments",
    environment: str = "dev",
    config: Mapping[str, str] | None = None,
    secret: frozenset[str] = frozenset(),
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recorder:
    """Run a program and keep what it registers."""
    return rendering.record(
        program,
        Recorder(references=references or {}),
        project=project,
        environment=environment,
        config=config or {},
        secret=secret,
    )


def render(
    project: str,
    environment: str,
    *,
    projects: Path = PROJECTS,
    changed: Mapping[str, Any] | None = None,
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recorder:
    """Run a project's whole program with its stack's configuration, `changed` (without namespace) on top.

    The function's zip is not built.
    """
    config = configuration(project, environment, projects=projects)
    config |= {f"{project}:{key}": value_text(value) for key, value in (changed or {}).items()}
    return run(
        Recorder(references=references or {}),
        project,
        environment,
        projects=projects,
        config=config,
        code=ARTIFACT,
    )
