import copy
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from operations.drift.report import Check, NotChecked
from operations.drift.unmanaged.ignores import Ignore
from operations.drift.waivers import Waiver
from operations.engine.failure import OperationFailed
from operations.errors import ExitCode
from operations.evidence.collect import collect, digest, exit_code
from operations.evidence.sources import RestoreDrill
from operations.promotion.record import PromotionRecord
from policies.exceptions import PolicyException
from tests.operations.drift.formats.reports import DEBUG, IN_SYNC
from tests.operations.evidence.requests import NOW, GivenExports, clean, content, request

TABLE = "payments-table"
DRILL = RestoreDrill(
    environment="prod",
    date=date(2026, 2, 1),
    restored_to="2026-02-01T09:00Z",
    minutes=41,
    result="passed",
    compared="all items of the last day by id and amount",
    owner="ada",
)


def spoiled(project: str, resource: str, **inputs: Any) -> GivenExports:
    """The exports, one resource having other inputs and outputs."""
    document = copy.deepcopy(clean(project))
    state = next(
        item for item in document["deployment"]["resources"] if item["urn"].endswith(f"::{resource}")
    )
    state["inputs"] |= inputs
    state["outputs"] |= inputs
    return GivenExports({project: document})


def rule(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in document["rules"] if item["id"] == name)


def unreadable() -> PromotionRecord:
    raise OperationFailed("entry 3 was changed after it was written")


def test_a_clean_environment_is_in_order() -> None:
    document = collect(request())

    assert document["content"]["gaps"] == []
    assert document["content"]["summary"]["rulesPassed"] > 100
    assert exit_code(document) is ExitCode.DONE


def test_the_same_inputs_give_the_same_digest_at_any_time_of_the_day() -> None:
    first, second = collect(request()), collect(request(now=NOW + timedelta(hours=3)))
    assert first["generatedAt"] != second["generatedAt"]
    assert first["digest"] == second["digest"] == digest(json.loads(json.dumps(first))["content"])


@pytest.mark.parametrize(
    "changed",
    [
        {"exports": spoiled("payments", TABLE, tags={})},
        {"record": lambda: PromotionRecord(environment="prod")},
        {"drift": lambda: replace(IN_SYNC, findings=(DEBUG,))},
        {"restore_drills": (DRILL,)},
        {"commit": "d" * 40},
    ],
    ids=["state", "record", "drift", "drill", "commit"],
)
def test_another_input_gives_another_digest(changed: dict[str, Any]) -> None:
    assert collect(request(**changed))["digest"] != collect(request())["digest"]


def test_a_rule_is_judged_on_the_deployed_state() -> None:
    document = collect(request(exports=spoiled("payments", TABLE, pointInTimeRecovery={"enabled": False})))

    verdict = rule(document["content"], "table-point-in-time-recovery")
    assert verdict["verdict"] == "violated"
    assert [item["urn"].rpartition("::")[2] for item in verdict["violations"]] == [TABLE]
    assert verdict["resources"] == 1
    assert exit_code(document) is ExitCode.FINDINGS
    requirement = next(item for item in document["content"]["requirements"] if item["id"] == "CP-9")
    assert requirement["verdict"] == "violated"


def test_an_accepted_violation_names_its_owner() -> None:
    accepted = PolicyException(
        rule="table-point-in-time-recovery",
        urn=f"urn:pulumi:prod::payments::*aws:dynamodb/table:Table::{TABLE}",
        reason="recovery is off while the table is rebuilt",
        owner="ada",
        expires=NOW.date() + timedelta(days=3),
    )
    configuration = replace(request().configuration, exceptions=(accepted,))
    found = content(
        exports=spoiled("payments", TABLE, pointInTimeRecovery={"enabled": False}),
        configuration=configuration,
    )

    verdict = rule(found, "table-point-in-time-recovery")
    assert verdict["verdict"] == "accepted"
    assert verdict["violations"][0]["acceptedBy"] == "ada"
    assert found["exceptions"] == [
        {
            "kind": "rule",
            "subject": f"table-point-in-time-recovery on {accepted.urn}",
            "reason": accepted.reason,
            "owner": "ada",
            "expires": "2026-03-05",
            "inForce": True,
        }
    ]


def test_every_kind_of_exception_is_listed_with_owner_and_expiry() -> None:
    waiver = Waiver(
        id="tags",
        path="payments/payments-table.tags*",
        checks=(Check.CLOUD,),
        environments=("prod",),
        expected="x",
        reason="the tag is set by the finance system",
        owner="ada",
        expires=NOW.date() - timedelta(days=1),
    )
    ignore = Ignore(
        arn="arn:aws:iam::*:role/audit-*",
        reason="the auditors' own role in every account",
        owner="bob",
        expires=NOW.date() + timedelta(days=9),
    )
    document = copy.deepcopy(clean("payments"))
    document["deployment"]["resources"][0]["outputs"]["breakGlass"] = {
        "reason": "hotfix of the ledger",
        "expires": "2026-03-02T13:00:00Z",
        "contentDigest": "ef" * 32,
    }
    found = content(
        waivers=(waiver, waiver.model_copy(update={"environments": ("staging",)})),
        ignored=(ignore,),
        exports=GivenExports({"payments": document}),
    )

    assert [
        (item["kind"], item["owner"], item["expires"], item["inForce"]) for item in found["exceptions"]
    ] == [
        ("drift waiver", "ada", "2026-03-01", False),
        ("unmanaged", "bob", "2026-03-11", True),
        ("break-glass", "deployed by ada", "2026-03-02", True),
    ]
    assert found["summary"]["attention"], "a break-glass is in force"


def test_what_cannot_be_read_is_a_gap_and_fails_the_run() -> None:
    document = collect(
        request(
            exports=GivenExports({"network": None}),
            record=unreadable,
            drift=lambda: replace(
                IN_SYNC,
                not_checked=tuple(
                    NotChecked(
                        check=check, project="payments", environment="prod", reason="no role", fix="ask"
                    )
                    for check in (Check.CLOUD, Check.CODE)
                ),
            ),
        )
    )

    assert [(item["subject"], item["reason"]) for item in document["content"]["gaps"]] == [
        ("stack network/prod", "network/prod is not deployed"),
        ("promotion record", "entry 3 was changed after it was written"),
        ("drift: cloud of payments/prod, code of payments/prod", "no role"),
    ]
    assert exit_code(document) is ExitCode.NOT_CHECKED
    assert exit_code(document, allow_incomplete=True) is ExitCode.DONE


def test_a_rule_of_a_stack_that_cannot_be_read_does_not_pass() -> None:
    found = content(exports=GivenExports({"payments": None}))
    assert rule(found, "table-point-in-time-recovery")["verdict"] == "not applicable"
    assert found["release"] is None


def test_half_deployed_stacks_are_gaps() -> None:
    document = copy.deepcopy(clean("payments"))
    document["deployment"]["pending_operations"] = [
        {"type": "creating", "resource": {"urn": "urn:x::y::z::a"}}
    ]
    found = content(exports=GivenExports({"payments": document}))
    assert [item["subject"] for item in found["gaps"]] == ["stack payments/prod"]


def test_drift_is_shown_without_values() -> None:
    finding = replace(DEBUG, target="a value of the account")
    found = content(drift=lambda: replace(IN_SYNC, findings=(finding,)))
    assert [(item["resource"], item["path"]) for item in found["drift"]["findings"]] == [
        (finding.resource, finding.path)
    ]
    assert "a value of the account" not in json.dumps(found)
    assert found["summary"]["drift"] == 1


def test_the_latest_restore_drill_of_the_environment_comes_first() -> None:
    later = DRILL.model_copy(update={"date": date(2026, 2, 20)})
    other = DRILL.model_copy(update={"environment": "dev"})
    found = content(restore_drills=(DRILL, other, later))
    assert [item["date"] for item in found["restoreDrills"]] == ["2026-02-20", "2026-02-01"]


def test_release_history_and_versions_are_in_the_document() -> None:
    found = content()

    assert found["release"]["id"] == "r-new"
    assert found["release"]["judgedByItsOwnCommit"]
    assert [
        (item["action"], item["by"], item["permitted"], item["verification"], item["result"])
        for item in found["history"]["operations"]
    ] == [("promotion", "ada", ["--allow-iam-widening"], "verified", "promoted")]
    assert [(item["kind"], item["reason"]) for item in found["history"]["holds"]] == [
        ("held", "quarter's end")
    ]
    assert found["versions"]["stacks"]["payments"]["engine"] == "v3.259.0"


def test_a_card_number_and_a_secret_in_a_reason_are_removed() -> None:
    document = copy.deepcopy(clean("payments"))
    key = "AKIA" + "Q" * 16
    document["deployment"]["resources"][0]["outputs"]["breakGlass"] = {
        "reason": f"the payment of 4111 1111 1111 1111 failed, see {key}",
        "expires": "2026-03-02T13:00:00Z",
    }
    text = json.dumps(content(exports=GivenExports({"payments": document})))
    assert "4111" not in text
    assert key not in text
