"""The pack as the engine meets it: metadata, configuration, exceptions, unknowns, and its process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pulumi_policy as sdk
import pytest
import yaml
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # published without types
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policies import adapter
from policies.adapter import NOT_EVALUATED, Servicer, Session, policy
from policies.configuration import load
from policies.rules import RULES
from policies.stack import CheckedStack
from policies.version import VERSION
from tests.policies.compliant import ALARM, FUNCTION, MAPPING, QUEUE, TABLE, resource
from tests.policies.engine import (
    TODAY,
    UNKNOWN,
    Made,
    analyze,
    analyze_stack,
    config_of,
    servicer,
    struct,
    whole_pack,
)

PACK = Path(adapter.__file__).parent
ALARM_URN = f"urn:pulumi:dev::payments::{ALARM}::subject"
ACCEPTED = {
    "urn": ALARM_URN,
    "reason": "Silenced for the load test",
    "owner": "payments-team",
    "expires": "2026-06-30",
}


class Aborted(Exception):  # noqa: N818  gRPC calls it so
    """What gRPC raises where a servicer aborts a call."""


class Call:
    """The context of a call."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise Aborted(f"{code.name}: {details}")


def configure(pack: Servicer, **rules: Mapping[str, Any]) -> None:
    """Configure the pack as the engine does: a level and properties for a rule."""
    levels = {
        "advisory": proto.ADVISORY,
        "mandatory": proto.MANDATORY,
        "disabled": proto.DISABLED,
        "remediate": proto.REMEDIATE,
    }
    request = proto.ConfigureAnalyzerRequest(
        policyConfig={
            name.replace("_", "-"): proto.PolicyConfig(
                enforcementLevel=levels[given.get("enforcementLevel", "mandatory")],
                properties=struct({key: value for key, value in given.items() if key != "enforcementLevel"}),
            )
            for name, given in rules.items()
        }
    )
    pack.Configure(request, Call())


def broken_alarm() -> Made:
    made = resource(ALARM)
    return made.but(props={**made.props, "alarmActions": []})


def test_the_engine_is_told_of_every_rule_and_its_metadata() -> None:
    info = servicer().GetAnalyzerInfo(empty_pb2.Empty(), None)
    assert info.name == "payments-guardrails"
    assert info.supportsConfig
    told = {found.name: found for found in info.policies}
    assert set(told) == {rule.id for rule in RULES}
    found = told["table-on-demand"]
    assert found.description == "Tables are billed by request."
    assert found.severity == proto.POLICY_SEVERITY_HIGH
    assert found.enforcementLevel == proto.MANDATORY
    assert found.remediation_steps == "set billingMode to PAY_PER_REQUEST."
    assert found.url.startswith("https://")
    assert "FSBP DynamoDB.1" in found.tags
    assert told["relation-queue-policy"].policy_type == proto.POLICY_TYPE_STACK
    assert told["network-group-description"].enforcementLevel == proto.ADVISORY


def test_the_engine_is_told_what_may_be_configured() -> None:
    info = servicer().GetAnalyzerInfo(empty_pb2.Empty(), None)
    told = {found.name: set(found.configSchema.properties.fields) for found in info.policies}
    assert told["topic-email-domain"] == {"allowedDomains", "exceptions"}
    assert told["table-on-demand"] == set()


def test_a_violation_names_rule_resource_what_is_wrong_and_the_fix() -> None:
    [answer] = analyze(whole_pack(), broken_alarm())
    assert answer.rule == "alarm-actions"
    assert answer.level == "mandatory"
    assert answer.urn == ALARM_URN
    assert answer.message == "alarmActions is empty. Fix: set alarmActions to the alarm topic."


def test_a_rule_that_could_not_be_asked_is_named_with_the_property() -> None:
    made = resource(ALARM)
    answers = analyze(whole_pack(), made.but(props={**made.props, "alarmActions": UNKNOWN}))
    assert {answer.rule for answer in answers} == {"alarm-actions", "placement-foreign-reference"}
    answer = next(answer for answer in answers if answer.rule == "alarm-actions")
    assert answer.level == "advisory"
    assert answer.message == (
        f"can't run policy 'alarm-actions' from policy pack 'payments-guardrails@v{VERSION}' during preview: "
        "string value at .subject.alarmActions can't be known during preview"
    )


def test_an_unknown_value_hides_no_violation_that_was_found_before_it() -> None:
    made = resource(QUEUE)
    answers = analyze(
        whole_pack(), made.but(props={**made.props, "name": "wrong", "kmsMasterKeyId": UNKNOWN})
    )
    assert {(answer.rule, answer.not_evaluated) for answer in answers} == {
        ("name-convention", False),
        ("queue-encryption", True),
    }


def test_one_unknown_resource_hides_no_violation_of_another() -> None:
    mapping, function = resource(MAPPING, name="mapping"), resource(FUNCTION, name="function")
    slow = resource(QUEUE, name="slow")
    unknown = mapping.but(name="unknown", props={**mapping.props, "eventSourceArn": UNKNOWN})
    pack = servicer(rules=[rule for rule in RULES if rule.id == "relation-visibility-timeout"])
    answers = analyze_stack(
        pack, [unknown, mapping, function, slow.but(props={**slow.props, "visibilityTimeoutSeconds": 30})]
    )
    assert {(answer.urn.rpartition("::")[2], answer.not_evaluated) for answer in answers} == {
        ("mapping", False),
        ("", True),
    }


def test_types_that_no_rule_knows_cost_nothing() -> None:
    assert analyze(whole_pack(), Made(type="random:index/randomPet:RandomPet", name="pet", props={})) == []


def test_levels_are_what_the_engine_configures() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"enforcementLevel": "advisory"})
    assert [answer.level for answer in analyze(pack, broken_alarm())] == ["advisory"]
    configure(pack, alarm_actions={"enforcementLevel": "disabled"})
    assert analyze(pack, broken_alarm()) == []


def test_settings_are_what_the_engine_configures() -> None:
    pack = servicer()
    made = resource("aws:sns/topicSubscription:TopicSubscription")
    configure(pack, topic_email_domain={"allowedDomains": ["payments.test"]})
    [answer] = analyze(pack, made)
    assert "allowed are: payments.test." in answer.message


@pytest.mark.parametrize(
    ("rule", "given", "complaint"),
    [
        ("nonsense", {}, "'nonsense' is no rule of this pack"),
        ("alarm_actions", {"allowed": True}, "'allowed' is not known here"),
        ("table_on_demand", {"enforcementLevel": "disabled"}, "takes no exception"),
        ("table_on_demand", {"exceptions": []}, "takes no exception"),
    ],
)
def test_a_wrong_configuration_stops_the_run(rule: str, given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Aborted, match=complaint):
        configure(servicer(), **{rule: given})


def test_an_accepted_violation_is_a_visible_line_that_blocks_nothing() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"exceptions": [ACCEPTED]})
    [answer] = analyze(pack, broken_alarm())
    assert answer.level == "advisory"
    assert answer.message.endswith("\nAccepted until 2026-06-30 by payments-team: Silenced for the load test")


def test_an_exception_covers_no_other_resource() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"exceptions": [ACCEPTED]})
    [answer] = analyze(pack, broken_alarm().but(name="other"))
    assert answer.level == "mandatory"


def test_an_expired_exception_blocks_again_and_says_so() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"exceptions": [{**ACCEPTED, "expires": "2026-05-31"}]})
    [answer] = analyze(pack, broken_alarm())
    assert answer.level == "mandatory"
    assert answer.message.endswith("\nThe exception for it expired on 2026-05-31 (payments-team).")


def test_an_exception_for_a_relation_is_applied_at_the_end() -> None:
    pack = servicer()
    lonely = resource(QUEUE, name="lonely")
    urn = f"urn:pulumi:dev::payments::{QUEUE}::lonely"
    configure(pack, relation_queue_policy={"exceptions": [{**ACCEPTED, "urn": urn}]})
    answers = [answer for answer in analyze_stack(pack, [lonely]) if answer.rule == "relation-queue-policy"]
    assert [answer.level for answer in answers] == ["advisory"]


def test_an_exception_that_nothing_needs_is_reported_at_the_end() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"exceptions": [ACCEPTED]})
    made = resource(ALARM)
    assert analyze(pack, made) == []
    [answer] = analyze_stack(pack, [made])
    assert (answer.rule, answer.level) == ("alarm-actions", "advisory")
    assert answer.message == f"The exception for {ALARM_URN} is used by nothing: remove it (payments-team)."


def test_an_exception_that_was_used_is_not_reported() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"exceptions": [ACCEPTED]})
    analyze(pack, broken_alarm())
    assert analyze_stack(pack, [resource(ALARM)]) == []


def test_an_exception_for_another_stack_is_not_reported() -> None:
    pack = servicer()
    configure(pack, alarm_actions={"exceptions": [{**ACCEPTED, "urn": ALARM_URN.replace("dev", "prod")}]})
    assert analyze_stack(pack, [resource(ALARM)]) == []


def test_without_the_stacks_configuration_an_update_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_PROJECT", "payments")
    answers = analyze(Servicer(RULES, TODAY), resource(QUEUE))
    assert {answer.rule for answer in answers} == {
        "name-convention",
        "placement-foreign-reference",
        "queue-encryption",
        "queue-receive-count",
        "tag-required",
    }
    assert all("can't be checked: stack dev declares no" in answer.message for answer in answers)
    assert all(answer.level == "mandatory" for answer in answers)


def test_an_analysis_without_the_stacks_configuration_says_once_what_it_did_not_evaluate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`pulumi policy analyze` never calls ConfigureStack and sets no PULUMI_PROJECT."""
    monkeypatch.delenv("PULUMI_PROJECT", raising=False)
    pack = Servicer(RULES, TODAY)
    assert analyze(pack, resource(QUEUE)) == []
    broken = resource(FUNCTION)
    [answer] = analyze(pack, broken.but(props={**broken.props, "architectures": ["x86_64"]}))
    assert answer.rule == "function-architecture"  # needs no configuration
    [once] = [answer for answer in analyze_stack(pack, [resource(TABLE)]) if answer.rule == NOT_EVALUATED]
    assert once.level == "advisory"
    assert "rules were not evaluated: the engine handed over no stack configuration" in once.message


def test_a_preview_says_in_one_line_what_waits_for_the_update() -> None:
    pack = servicer()
    pack.ConfigureStack(
        proto.AnalyzerStackConfigureRequest(
            project="payments", stack="dev", config=config_of("dev"), dry_run=True
        ),
        None,
    )
    queue, alarm = resource(QUEUE), resource(ALARM)
    assert analyze(pack, queue.but(props={**queue.props, "kmsMasterKeyId": UNKNOWN})) == []
    assert analyze(pack, alarm.but(props={**alarm.props, "alarmActions": UNKNOWN})) == []
    [once] = [answer for answer in analyze_stack(pack, [resource(TABLE)]) if answer.rule == NOT_EVALUATED]
    assert once.message == (
        "3 rules on 2 resources wait for values that are known only during the update: "
        "alarm-actions, placement-foreign-reference, queue-encryption."
    )


def test_the_pack_has_the_version_that_the_engine_reads() -> None:
    assert yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())["version"] == VERSION


@pytest.mark.parametrize("kind", [FUNCTION, QUEUE, ALARM])
def test_it_says_what_the_sdks_own_servicer_says_of_the_same_policies(kind: str) -> None:
    """The index by type is an optimisation and nothing else."""
    session = Session(RULES, load(RULES, TODAY), TODAY)
    session.stack = CheckedStack(project="payments", environment="dev", config=config_of("dev"))
    stock: Any = _PolicyAnalyzerServicer(
        "payments-guardrails",
        VERSION,
        [policy(rule, session) for rule in RULES],
        sdk.EnforcementLevel.MANDATORY,
    )
    spoiled = resource(kind).but(props={"name": UNKNOWN, "architectures": ["x86_64"]})
    assert sorted(analyze(stock, spoiled), key=repr) == sorted(analyze(servicer(), spoiled), key=repr)


@contextmanager
def running(folder: Path, python_path: str = "") -> Iterator[Any]:
    """The pack's process as the engine starts it: `python -m pulumi.policy` within the folder."""
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("PULUMI", "PYTHONPATH"))
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."],
        cwd=folder,
        env={**environ, "PYTHONPATH": python_path},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port.isdigit(), f"the first line must be the port, but it is {port!r}"
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["policies", "v1.0.0"])
def test_the_folder_serves_alone_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(PACK, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with running(folder) as engine:
        assert len(engine.GetAnalyzerInfo(empty_pb2.Empty()).policies) == len(RULES)
        engine.ConfigureStack(
            proto.AnalyzerStackConfigureRequest(project="payments", stack="dev", config=config_of("dev"))
        )
        made = broken_alarm()
        request = proto.AnalyzeRequest(
            type=made.type, urn=made.urn, name=made.name, properties=struct(made.props)
        )
        assert "alarm-actions" in {found.policyName for found in engine.Analyze(request).diagnostics}


def test_a_wrong_configuration_reaches_the_engine_as_an_error_and_not_as_a_traceback() -> None:
    with running(PACK) as engine:
        with pytest.raises(grpc.RpcError) as caught:
            engine.Configure(proto.ConfigureAnalyzerRequest(policyConfig={"nonsense": proto.PolicyConfig()}))
        error: Any = caught.value
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "'nonsense' is no rule of this pack" in error.details()


def test_the_pack_needs_neither_the_provider_nor_the_components() -> None:
    script = (
        "import sys, policies.adapter, policies.cli\n"
        "others = ('pulumi_aws', 'components', 'operations')\n"
        "print([name for name in sys.modules if name.split('.')[0] in others])"
    )
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PACK.parent
    )
    assert done.stdout == "[]\n"
