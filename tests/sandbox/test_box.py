import json
from pathlib import Path

import pytest

from sandbox import DeploymentFailed, Sandbox
from sandbox.payments import Kind, payment
from sandbox.server import state_key
from sandbox.settling import settle

RECEIVES = {"dev": 2, "staging": 3, "prod": 5}


def test_every_kind_of_payment_ends_where_it_should_in_every_environment(deployed_copy: Sandbox) -> None:
    for environment, receives in RECEIVES.items():
        outputs = deployed_copy.outputs("payments", environment)
        payments = [payment(kind, f"test-payment-{kind}") for kind in Kind]
        settled = settle(deployed_copy, environment, payments, outputs)
        found = {each.payment.kind: each for each in settled.settlements}
        decisions = {kind: each.stored and each.stored["decision"] for kind, each in found.items()}
        assert decisions == {
            Kind.ACCEPTED: "ACCEPTED",
            Kind.DUPLICATE: "ACCEPTED",
            Kind.CONFLICT: "ACCEPTED",
            Kind.REJECTED: "REJECTED",
            Kind.MALFORMED: None,
        }
        assert {kind: each.published for kind, each in found.items()} == {
            kind: 0 if kind is Kind.MALFORMED else 1 for kind in Kind
        }
        assert {kind: each.dead_lettered for kind, each in found.items() if each.dead_lettered} == {
            Kind.CONFLICT: (receives,),
            Kind.MALFORMED: (receives,),
        }


def test_an_asynchronous_event_that_fails_ends_in_the_same_dead_letter_queue(deployed_copy: Sandbox) -> None:
    outputs = deployed_copy.outputs("payments", "staging")
    invocation = deployed_copy.invoke("staging", outputs["functionName"], {"not": "a payment"})
    assert (len(invocation.attempts), invocation.dead_lettered) == (3, True)
    message = deployed_copy.client("sqs", "staging").receive_message(QueueUrl=outputs["deadLetterQueueUrl"])
    assert json.loads(message["Messages"][0]["Body"]) == {"not": "a payment"}


def test_a_copy_is_changed_and_destroyed_without_the_original(
    deployed: Sandbox, deployed_copy: Sandbox
) -> None:
    deployed_copy.client("dynamodb", "dev").delete_table(TableName="payments-table-dev-acme")
    deployed_copy.destroy("dev", projects=["payments"])
    lambdas = deployed_copy.client("lambda", "dev"), deployed.client("lambda", "dev")
    assert [len(client.list_functions()["Functions"]) for client in lambdas] == [0, 1]
    assert deployed.client("dynamodb", "dev").list_tables()["TableNames"] == ["payments-table-dev-acme"]
    assert deployed.outputs("payments", "dev")["tableName"] == "payments-table-dev-acme"


def test_the_environment_leads_nowhere_but_into_the_sandbox(
    deployed: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "PULUMI_ACCESS_TOKEN", "PULUMI_STACK"):
        monkeypatch.setenv(name, "of the user")
    environ = deployed.environ
    assert "of the user" not in environ.values()
    assert environ["AWS_ENDPOINT_URL"] == deployed.url
    assert environ["PULUMI_BACKEND_URL"] == f"file://{deployed.folder}/state"
    assert deployed.variables.items() <= environ.items()


def test_the_secrets_of_its_states_are_under_a_key_as_in_a_real_deployment(deployed: Sandbox) -> None:
    for environment in deployed.ladder:
        kept = deployed.export("payments", environment)["deployment"]["secrets_providers"]
        assert (kept["type"], kept["state"]["url"]) == ("cloud", state_key.SECRETS_PROVIDER)


def test_a_failed_deployment_says_which_stack_and_why(tmp_path: Path) -> None:
    with Sandbox(folder=tmp_path / "own") as box:
        stack_file = box.root / "projects" / "bootstrap-iam" / "Pulumi.dev.yaml"
        text = stack_file.read_text(encoding="utf-8")
        stack_file.write_text(text.replace("bootstrap-iam:region", "bootstrap-iam:regoin"), encoding="utf-8")
        with pytest.raises(DeploymentFailed, match=r"^bootstrap-iam/dev: .*configuration value 'region'"):
            box.up("dev", projects=["bootstrap-iam"])


def test_outside_its_with_statement_a_sandbox_says_how_to_use_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="use it in a `with` statement"):
        _ = Sandbox(folder=tmp_path / "own").url
