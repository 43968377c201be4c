import json

from operations.deployment.changes import Change
from operations.deployment.foresight import Foresight
from operations.deployment.outcome import Failed, NotRun, Report, Succeeded
from operations.deployment.plan import Action, plan
from operations.deployment.render import describe, question, text, to_json
from operations.engine.failure import StackName
from operations.engine.refusal import Refusal

REPORT = Report(
    action=Action.UP,
    outcomes=(
        Succeeded(
            stack=StackName(project="bootstrap-iam", environment="dev"),
            changes={"create": 4, "same": 1},
            seconds=2.34,
        ),
        Failed(
            stack=StackName(project="network", environment="dev"),
            reason="network/dev: it broke\nMend it.",
            seconds=1.0,
        ),
        NotRun(stack=StackName(project="payments", environment="dev"), because="network/dev failed"),
    ),
)


def test_the_text_says_what_was_and_what_was_not_done() -> None:
    assert text(REPORT) == (
        "bootstrap-iam/dev is up: 4 create (2.3 s)\n"
        "network/dev FAILED after 1.0 s\n"
        "    network/dev: it broke\n"
        "    Mend it.\n"
        "payments/dev was not touched: network/dev failed\n"
        "up: 1 succeeded, 1 failed, 1 not run"
    )


def test_the_json_holds_a_record_a_stack() -> None:
    assert json.loads(to_json(REPORT)) == {
        "action": "up",
        "succeeded": False,
        "interrupted": False,
        "stacks": [
            {
                "project": "bootstrap-iam",
                "environment": "dev",
                "status": "succeeded",
                "changes": {"create": 4, "same": 1},
                "seconds": 2.34,
            },
            {
                "project": "network",
                "environment": "dev",
                "status": "failed",
                "reason": "network/dev: it broke\nMend it.",
                "seconds": 1.0,
            },
            {
                "project": "payments",
                "environment": "dev",
                "status": "not run",
                "because": "network/dev failed",
            },
        ],
    }


def test_an_interruption_is_told() -> None:
    assert text(Report(action=Action.DESTROY, outcomes=(), interrupted=True)).endswith("(interrupted)")


def test_changes_are_told_in_words() -> None:
    assert describe({"update": 1, "create": 3, "same": 9}) == "3 create, 1 update"
    assert describe({"same": 9}) == "no changes"
    assert describe({}) == "no changes"


def test_the_question_names_every_stack_with_its_place() -> None:
    made = plan(Action.UP, environments=["dev", "prod"], projects=["network"], at_once=1)
    dev, prod = made.stacks

    assert question(made, {dev: "111111111111 us-east-1", prod: ""}) == (
        "pulumi up of 2 stacks, one after the other:\n  network/dev   111111111111 us-east-1\n  network/prod"
    )


def test_the_question_shows_each_change_and_what_is_previewed_later() -> None:
    made = plan(Action.UP, environments=["dev"])
    bootstrap, network, payments = made.stacks
    table = Change(
        stack=network,
        urn="a::table",
        type="aws:dynamodb/table:Table",
        operation="replace",
        properties=("name",),
    )
    role = Change(stack=network, urn="a::role", type="aws:iam/role:Role", operation="create")
    foresight = Foresight(changes={bootstrap: (), network: (role, table)}, later={payments: "not deployed"})

    assert question(made, dict.fromkeys(made.stacks, ""), foresight).splitlines()[1:] == [
        "  bootstrap-iam/dev",
        "    no changes",
        "  network/dev",
        "    create role",
        "    replace table (name) LOSES DATA, as allowed",
        "  payments/dev",
        "    is previewed once the stacks before it are deployed",
    ]


def test_the_question_says_how_many_run_at_once() -> None:
    made = plan(Action.DESTROY, environments=["dev", "prod"], projects=["network"], at_once=2)

    assert question(made, dict.fromkeys(made.stacks, "")).startswith(
        "pulumi destroy of 2 stacks, up to 2 at once:"
    )


def test_a_refused_stack_has_its_refusal_as_data() -> None:
    refused = Failed(
        stack=StackName(project="network", environment="prod"),
        reason="no",
        seconds=1,
        refusal=Refusal(code="uncommitted", facts={"project": "network"}),
    )
    (stack,) = json.loads(to_json(Report(action=Action.UP, outcomes=(refused,))))["stacks"]
    assert stack["refusal"] == {"code": "uncommitted", "facts": {"project": "network"}}
