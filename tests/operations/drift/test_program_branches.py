"""Identity moves text in which its value stands, and nothing else; a scaling setting shows its effect."""

from pathlib import Path

import pytest

from operations.drift.report import Classification, Kind, Severity
from tests.operations.drift.programs import as_deployed, changed_program, configure, transformed
from tests.operations.drift.runs import copy_of_projects, drift, of_class, places

CONDITIONS = {
    "the stack's name": 'pulumi.get_stack() == "prod"',
    "the stack's name, the other way round": 'pulumi.get_stack() == "staging"',
    "the region": '_setting("region") == "eu-west-1"',
    "a part of the region": '_setting("region").startswith("us-")',
    "the account": '_setting("accountId") == "333333333333"',
    "a digit of the account": 'int(_setting("accountId")[0]) % 2',
}
PEOPLE = {
    "a list of addresses": '"prod" in _setting("notificationEmails")',
    "another list of addresses": '_setting("operatorEmails").endswith("staging@example.com\\"]")',
}
SCALAR = ("payments", "payments-function", "{'timeout': 9}", "timeout")
CHANGES = [
    SCALAR,
    ("payments", "payments-function", "{'memory_size': 4096}", "memorySize"),
    ("payments", "payments-queue", "{'kms_master_key_id': None}", "kmsMasterKeyId"),
    ("network", "private-subnet-a", "{'map_public_ip_on_launch': True}", "mapPublicIpOnLaunch"),
    ("network", "flow-log-group", "{'retention_in_days': 3653}", "retentionInDays"),
    ("bootstrap-iam", "deployer-role", "{'max_session_duration': 43200}", "maxSessionDuration"),
    (
        "bootstrap-iam",
        "reader-role",
        "{'assume_role_policy': args.props['assume_role_policy'].replace(':role/', ':user/')}",
        "assumeRolePolicy",
    ),
    (
        "bootstrap-iam",
        "deployer-role",
        "{'assume_role_policy': args.props['assume_role_policy'].replace("
        "f'iam::{_setting(\"accountId\")}', 'iam::222222222222')}",
        "assumeRolePolicy",
    ),
    (
        "bootstrap-iam",
        "deployer-role",
        "{'assume_role_policy': args.props['assume_role_policy'].replace("
        "f'iam::{_setting(\"accountId\")}', 'iam::999999999999')}",
        "assumeRolePolicy",
    ),
]
CASES = [
    # Each change under some condition, each condition for some change: a rendering takes its time.
    *(
        (what, condition, *CHANGES[(position + offset) % len(CHANGES)])
        for position, (what, condition) in enumerate(CONDITIONS.items())
        for offset in (0, 4)
    ),
    *((what, condition, *SCALAR) for what, condition in PEOPLE.items()),
]
UNCHANGED = "The change is what the stack's settings give anyway."


@pytest.mark.parametrize(("what", "condition", "project", "name", "change", "property_"), CASES)
def test_a_program_that_treats_an_identity_specially_is_drift(
    tmp_path: Path, what: str, condition: str, project: str, name: str, change: str, property_: str
) -> None:
    if "222222222222" in change and ("staging" in condition or "us-" in condition):
        pytest.skip(UNCHANGED)
    root = transformed(tmp_path, project, name, condition, change)
    report = as_deployed(root, project)
    found = drift(report)
    assert found, what
    assert {each.resource for each in found} == {name}
    assert {each.path.partition(".")[0] for each in found} == {property_}
    assert all("though no scaling field does" in (each.reason or "") for each in found)
    assert report.not_checked == ()


OPEN = """
import pulumi, pulumi_aws
if {condition}:
    pulumi_aws.vpc.SecurityGroupIngressRule(
        "ssh", security_group_id="sg-1", ip_protocol="tcp", from_port=22, to_port=22, cidr_ipv4="0.0.0.0/0",
        opts=pulumi.ResourceOptions(provider=pulumi_aws.Provider("other", region="eu-west-1")))
"""


@pytest.mark.parametrize(
    "condition",
    [
        'settings.environment == "prod"',
        'settings.identity.region == "eu-west-1"',
        'settings.identity.vpc_cidr.startswith("10.30.")',
    ],
)
def test_a_whole_resource_that_identity_moves_is_drift(tmp_path: Path, condition: str) -> None:
    root = changed_program(tmp_path, "network", after=OPEN.format(condition=condition))
    found = drift(as_deployed(root, "network"))
    assert {(each.resource, each.kind, each.severity) for each in found} == {
        ("ssh", Kind.EXTRA, Severity.CRITICAL),
        ("other", Kind.EXTRA, Severity.CRITICAL),
    }


@pytest.mark.parametrize("count", ["notification_emails", "operator_emails"])
def test_a_flag_that_the_length_of_a_list_moves_is_drift(tmp_path: Path, count: str) -> None:
    after = f"import pulumi\npulumi.export('many', len(settings.identity.{count}) > 1)"
    root = changed_program(tmp_path, "payments", after=after)
    key = {"notification_emails": "notificationEmails", "operator_emails": "operatorEmails"}[count]
    configure(root, "payments", "prod", {key: ["one@example.com", "two@example.com"]})
    assert places(drift(as_deployed(root, "payments"))) == {("(stack)", "outputs.many")}


MEMORY = ("payments", "payments-function")


def test_a_side_with_the_value_of_the_other_environment_is_drift(tmp_path: Path) -> None:
    root = transformed(tmp_path, *MEMORY, 'pulumi.get_stack() == "prod"', "{'memory_size': 1024}")
    (found,) = drift(as_deployed(root, "payments"))
    assert (found.resource, found.path, found.baseline, found.target) == (
        "payments-function",
        "memorySize",
        1024,
        1024,
    )
    assert "the settings of prod give 2048 (driven by payments:memoryMb)" in (found.reason or "")


def test_a_setting_that_moves_nothing_is_drift(tmp_path: Path) -> None:
    report = as_deployed(transformed(tmp_path, *MEMORY, "True", "{'memory_size': 1024}"), "payments")
    (found,) = drift(report)
    assert (found.resource, found.path, found.baseline, found.target) == (
        "(stack)",
        "config.payments:memoryMb",
        "1024",
        "2048",
    )
    assert "payments-function.memorySize" not in {
        f"{each.resource}.{each.path}" for each in of_class(report, Classification.CONTROLLED)
    }


def test_a_literal_in_place_of_a_derived_value_is_drift(tmp_path: Path) -> None:
    """Prod trusts staging's account, which in staging is the account of its own."""
    change = (
        "{'assume_role_policy': args.props['assume_role_policy'].replace('333333333333', '222222222222')}"
    )
    root = transformed(tmp_path, "bootstrap-iam", "reader-role", 'pulumi.get_stack() == "prod"', change)
    found = drift(as_deployed(root, "bootstrap-iam"))
    assert {(each.resource, each.severity) for each in found} == {("reader-role", Severity.CRITICAL)}
    assert any("222222222222" in str(each.target) for each in found)


@pytest.mark.parametrize(
    ("option", "path"),
    [
        ("retain_on_delete=True", "(retainOnDelete)"),
        ("ignore_changes=['memorySize']", "(ignoreChanges)"),
        ("protect=True", "(protect)"),
    ],
)
def test_an_option_of_one_environment_is_drift(tmp_path: Path, option: str, path: str) -> None:
    before = f"""
import pulumi

def _kept(args):
    if args.name == "payments-table" and pulumi.get_stack() == "prod":
        options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions({option}))
        return pulumi.ResourceTransformationResult(props=args.props, opts=options)

pulumi.runtime.register_stack_transformation(_kept)
"""
    (found,) = drift(as_deployed(changed_program(tmp_path, "payments", before), "payments"))
    assert (found.resource, found.path, found.kind) == ("payments-table", path, Kind.EXTRA)


def test_an_unchanged_program_shows_identity_as_a_class_of_its_own(tmp_path: Path) -> None:
    report = as_deployed(copy_of_projects(tmp_path), "network")
    assert drift(report) == []
    assert {
        (each.resource, each.path): each.explained_by for each in of_class(report, Classification.IDENTITY)
    } == {
        ("(stack)", "config.network:accountId"): "network:accountId",
        ("(stack)", "config.network:region"): "network:region",
        ("vpc", "cidrBlock"): "network:vpcCidr",
        ("private-subnet-a", "cidrBlock"): "network:vpcCidr",
        ("private-subnet-b", "cidrBlock"): "network:vpcCidr",
    }
