from pathlib import Path

import pytest

from operations.deployment.outcome import Failed, Report
from operations.deployment.plan import Action
from operations.deployment.refused_changes import changed_resources, with_refused_changes
from operations.engine.failure import StackName
from operations.engine.refusal import Refusal
from tests.operations.promotion.repository import Repository, of_this_one

NETWORK = StackName(project="network", environment="prod")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """One in which the endpoint's policy has lost an action since the first commit."""
    made = of_this_one(tmp_path_factory.mktemp("repository"))
    path = made.root / "components" / "private_network" / "endpoints.py"
    text = path.read_text(encoding="utf-8")
    assert '"dynamodb:PutItem",' in text
    path.write_text(text.replace('"dynamodb:PutItem",', ""), encoding="utf-8")
    file = made.root / "projects" / "network" / "Pulumi.prod.yaml"
    file.write_text(file.read_text().replace("flowLogRetentionDays: 365", "flowLogRetentionDays: 400"))
    return made


def report(**facts: object) -> Report:
    refused = Failed(stack=NETWORK, reason="no", seconds=1, refusal=Refusal(code="x", facts=facts))
    return Report(action=Action.UP, outcomes=(refused,))


def test_resources_that_the_offered_program_makes_differently_are_named(repository: Repository) -> None:
    verified = repository.git("rev-parse", "HEAD")
    assert changed_resources(NETWORK, verified, repository.root) == ("update dynamodb-endpoint: policy",)

    (outcome,) = with_refused_changes(report(verified={"releaseCommit": verified}), repository.root).outcomes
    assert isinstance(outcome, Failed)
    assert outcome.refusal
    assert outcome.refusal.facts["resources"] == ["update dynamodb-endpoint: policy"]
    assert "update dynamodb-endpoint: policy" in outcome.reason


def test_a_commit_that_is_not_there_leaves_the_refusal_as_it_is(tmp_path: Path) -> None:
    (outcome,) = with_refused_changes(report(verified={"releaseCommit": "0" * 40}), tmp_path).outcomes
    assert isinstance(outcome, Failed)
    assert outcome.refusal == Refusal(code="x", facts={"verified": {"releaseCommit": "0" * 40}})
    assert with_refused_changes(report(verified=None), tmp_path) == report(verified=None)
