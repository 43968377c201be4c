"""The documents that a deployed environment holds, taken from what bootstrap-iam's program registers."""

from functools import cache

from components.environment import LADDER
from tests.recorder import Recorder, render

ENVIRONMENTS = LADDER


@cache
def bootstrapped(
    environment: str, github_subject: str = "", processors: tuple[str, ...] = ("payments",)
) -> Recorder:
    readers = ["repo:acme/payments:pull_request"] if github_subject else []
    return render(
        "bootstrap-iam",
        environment,
        changed={
            "githubSubject": github_subject,
            "githubReaderSubjects": readers,
            "processors": list(processors),
        },
    )


def policies(environment: str) -> dict[str, str]:
    """Logical name to document of every managed policy."""
    recorder = bootstrapped(environment, "repo:acme/payments:environment:production")
    return {policy.name: str(policy.inputs["policy"]) for policy in recorder.of_type("iam/policy:Policy")}


def deployer_documents(environment: str = "dev") -> list[str]:
    """The documents of the policies attached to the deployer role."""
    return documents_of("deployer-role", environment)


def documents_of(
    role: str, environment: str = "dev", processors: tuple[str, ...] = ("payments",)
) -> list[str]:
    """The documents of the policies attached to a role."""
    recorder = bootstrapped(environment, processors=processors)
    attached = {
        each.inputs["policyArn"]
        for each in recorder.of_type("iam/rolePolicyAttachment:RolePolicyAttachment")
        if each.inputs["role"] == f"{role}-{environment}-acme"
    }
    return [
        str(policy.inputs["policy"])
        for policy in recorder.of_type("iam/policy:Policy")
        if f"arn:of:{policy.name}" in attached
    ]


def boundary_document(environment: str = "dev") -> str:
    return policies(environment)["workload-boundary-policy"]
