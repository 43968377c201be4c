"""Who an attacker may be: each foothold with the rendered documents that decide what it reaches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from components.environment import LADDER
from operations.rendering.program import configuration
from operations.state.access import access_policy
from operations.state.backend import Backend
from tests.recorder import Recorder, render

FOREIGN_ACCOUNT = "999999999999"
SUBSCRIBER_ACCOUNT = "444444444444"
STATE_ACCOUNT = "555555555555"
WORKFLOW = "repo:acme/payments:environment:production"
READING_WORKFLOW = "repo:acme/payments:pull_request"
BACKEND = Backend(bucket="acme-payments-state", region="eu-west-1", environments=LADDER)


@dataclass(frozen=True, kw_only=True)
class Foothold:
    """A place from which an attacker acts."""

    id: str
    what: str
    """What the attacker holds, for people."""
    principal: str
    """ARN of the principal whose requests it makes."""
    documents: tuple[str, ...] | None = ()
    """Its identity policies; None for another account's principal, whom its own account allows everything."""
    boundary: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys that its requests carry whether it wants them or not."""
    chooses: tuple[str, ...] = ()
    """Condition keys that it can choose, and callers elsewhere can't."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The rendered programs of one environment."""

    environment: str
    account: str
    region: str
    suffix: str
    recorders: tuple[Recorder, ...]

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of one of the environment's resources."""
        region = {"iam": "", "s3": ""}.get(service, self.region)
        account = "" if service == "s3" else self.account
        return f"arn:aws:{service}:{region}:{account}:{resource}"

    def name(self, resource_type: str) -> str:
        """Return a physical name."""
        return f"{resource_type}-{self.environment}-{self.suffix}"

    def of_type(self, suffix: str) -> Iterator[Any]:
        """All resources of a type."""
        for recorder in self.recorders:
            yield from recorder.of_type(suffix)

    def role(self, resource_type: str, foothold_id: str, what: str, **more: Any) -> Foothold:
        """The foothold of a session of one of the environment's roles."""
        (role,) = [each for each in self.of_type("iam/role:Role") if each.name == resource_type]
        attached = {
            each.inputs["policyArn"]
            for each in self.of_type("iam/rolePolicyAttachment:RolePolicyAttachment")
            if each.inputs["role"] == role.inputs["name"]
        }
        documents = self.policies()
        boundary = role.inputs.get("permissionsBoundary")
        return Foothold(
            id=foothold_id,
            what=what,
            principal=self.arn("iam", f"role{role.inputs.get('path', '/')}{role.inputs['name']}"),
            documents=tuple(documents[str(arn)] for arn in sorted(map(str, attached))),
            # The rendered programs read dev's outputs whatever the environment: only the name is this one's.
            boundary=documents["arn:of:workload-boundary-policy"] if boundary else None,
            **more,
        )

    def policies(self) -> dict[str, str]:
        """ARN to document of every managed policy, under its rendered ARN and under its real one."""
        found: dict[str, str] = {}
        for policy in self.of_type("iam/policy:Policy"):
            document = str(policy.inputs["policy"]).replace("arn:of:payments-key", self.key)
            arn = self.arn("iam", f"policy{policy.inputs.get('path', '/')}{policy.inputs['name']}")
            found |= {f"arn:of:{policy.name}": document, arn: document}
        return found

    @property
    def key(self) -> str:
        """The ARN of the payments' key, whose id only AWS knows."""
        return self.arn("kms", "key/0b0e0000-0000-0000-0000-000000000000")


@cache
def deployment(environment: str) -> Deployment:
    """Render an environment's programs, with a workflow that deploys, one that reads and a subscriber."""
    config = configuration("bootstrap-iam", environment)
    return Deployment(
        environment=environment,
        account=config["bootstrap-iam:accountId"],
        region=config["bootstrap-iam:region"],
        suffix=config["bootstrap-iam:environmentSuffix"],
        recorders=(
            render(
                "bootstrap-iam",
                environment,
                changed={"githubSubject": WORKFLOW, "githubReaderSubjects": [READING_WORKFLOW]},
            ),
            render("network", environment),
            render("payments", environment, changed={"subscriberAccountIds": [SUBSCRIBER_ACCOUNT]}),
        ),
    )


@cache
def footholds(environment: str) -> tuple[Foothold, ...]:
    """Every foothold in an environment."""
    own = deployment(environment)
    return (
        own.role(
            "payments-function-role",
            "function",
            "code in the function, such as that of a dependency",
            context={
                "lambda:SourceFunctionArn": own.arn("lambda", f"function:{own.name('payments-function')}")
            },
            chooses=("aws:SourceVpce",),
        ),
        own.role(
            "payments-function-role",
            "function-outside",
            "credentials of the function, used outside its network",
            # They say whose they are wherever they are used; Lambda's own pollers have others.
            context={
                "lambda:SourceFunctionArn": own.arn("lambda", f"function:{own.name('payments-function')}")
            },
        ),
        own.role("deployer-role", "deployer", "a deployer session"),
        own.role("destroyer-role", "destroyer", "a destroyer session"),
        own.role("operator-role", "operator", "an operator session"),
        own.role("verifier-role", "verifier", "a verifier session"),
        own.role("reader-role", "reader", "a reader session, such as that of a pull request's preview"),
        own.role("pipeline-role", "ci", "the role of a workflow that deploys, before it assumes another"),
        own.role(
            "reader-pipeline-role",
            "reading-ci",
            "the role of a workflow that reads, before it assumes another",
        ),
        Foothold(
            id="state",
            what="write access to the environment's states",
            principal=f"arn:aws:iam::{STATE_ACCOUNT}:role/state-writer",
            documents=(access_policy(BACKEND, STATE_ACCOUNT, "write", [environment]),),
        ),
        Foothold(
            id="subscriber",
            what="an account in `subscriberAccountIds`",
            principal=f"arn:aws:iam::{SUBSCRIBER_ACCOUNT}:root",
            documents=None,
        ),
        Foothold(
            id="stranger",
            what="any other AWS account",
            principal=f"arn:aws:iam::{FOREIGN_ACCOUNT}:root",
            documents=None,
        ),
    )
