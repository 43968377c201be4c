"""A user's own values are no drift: people, ids, ranges and names of any shape that the settings take."""

from pathlib import Path
from typing import Any

import pytest

from components.environment import EnvironmentTree
from operations.drift.detect import Request, detect
from operations.drift.report import Check, Classification
from operations.drift.sources import Code
from tests.chain.terminal import write_environments
from tests.operations.drift.programs import as_deployed, changed_program, configure
from tests.operations.drift.runs import copy_of_projects, drift, of_class, places

STAGING, PROD = "222222222222", "333333333333"


def role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def subject(environment: str) -> str:
    return f"repo:acme/payments:environment:{environment}"


AUDIT = role(PROD, "security-audit")
Values = dict[str, Any]
EVERYWHERE: Values = {
    "githubSubject": "",
    "readerPrincipals": [],
    "githubReaderSubjects": [],
    "availabilityZoneIds": [],
    "subscriberAccountIds": [],
}
"""What a stack file holds where another one sets the key."""
BOOTSTRAP: dict[str, tuple[Values, Values]] = {
    "random external ids": ({"externalId": "kq8Zx71-bb02Lm-eR5u"}, {"externalId": "T4w99.aZ_pplk.Qx71"}),
    "one external id": ({"externalId": "one-for-all-stacks"}, {"externalId": "one-for-all-stacks"}),
    "external id of digits": ({"externalId": "88123456008812345600"}, {"externalId": "77001122337700112233"}),
    "external id that names the other environment": (
        {"externalId": "this-is-not-of-prod"},
        {"externalId": "this-is-not-of-staging"},
    ),
    "two deployers in prod": (
        {"deployerPrincipals": [role(STAGING, "platform")]},
        {"deployerPrincipals": [role(PROD, "platform"), role(PROD, "on-call")]},
    ),
    "two deployers in prod, and a workflow": (
        {"deployerPrincipals": [role(STAGING, "platform")], "githubSubject": subject("staging")},
        {
            "deployerPrincipals": [role(PROD, "platform"), role(PROD, "on-call")],
            "githubSubject": subject("prod"),
        },
    ),
    "two deployers in staging, and a workflow": (
        {
            "deployerPrincipals": [role(STAGING, "a-team"), role(STAGING, "platform")],
            "githubSubject": subject("staging"),
        },
        {"deployerPrincipals": [role(PROD, "platform")], "githubSubject": subject("prod")},
    ),
    "a workflow by branch": (
        {"githubSubject": "repo:acme/payments:ref:refs/heads/main"},
        {"githubSubject": subject("prod")},
    ),
    "deployers of a tools account": (
        {"deployerPrincipals": [role("444444444444", "deploys-staging")]},
        {"deployerPrincipals": [role("444444444444", "deploys-prod")]},
    ),
    "a deployer whose name is another environment's": (
        {"deployerPrincipals": [role(STAGING, "prod-like")]},
        {"deployerPrincipals": [role(PROD, "staging-veteran")]},
    ),
    "a user as deployer": (
        {"deployerPrincipals": [role(STAGING, "platform")]},
        {"deployerPrincipals": [f"arn:aws:iam::{PROD}:user/jo"]},
    ),
    "a shared audit role as reader": ({"readerPrincipals": [AUDIT]}, {"readerPrincipals": [AUDIT]}),
    "a shared audit role, and one more": (
        {"readerPrincipals": [AUDIT]},
        {"readerPrincipals": [AUDIT, role("555555555555", "auditors")]},
    ),
    "a reader in prod only": ({"readerPrincipals": []}, {"readerPrincipals": [AUDIT]}),
    "workflows that read": (
        {"githubReaderSubjects": ["repo:acme/payments:pull_request"]},
        {"githubReaderSubjects": ["repo:acme/payments:ref:refs/heads/main", subject("prod")]},
    ),
}
NETWORK: dict[str, tuple[Values, Values]] = {
    "ranges of other classes": ({"vpcCidr": "172.16.0.0/20"}, {"vpcCidr": "192.168.0.0/20"}),
    "a larger range in prod": ({"vpcCidr": "10.20.0.0/20"}, {"vpcCidr": "10.32.0.0/18"}),
    "the smallest and the largest range": ({"vpcCidr": "10.20.0.0/24"}, {"vpcCidr": "10.64.0.0/16"}),
    "the same range": ({"vpcCidr": "10.1.0.0/20"}, {"vpcCidr": "10.1.0.0/20"}),
    "a range that is invented here": ({"vpcCidr": "10.250.0.0/20"}, {"vpcCidr": "10.251.0.0/20"}),
    "zones": (
        {"availabilityZoneIds": ["usw2-az1", "usw2-az2"]},
        {"availabilityZoneIds": ["euw1-az2", "euw1-az3"]},
    ),
    "an own suffix each": ({"environmentSuffix": "stg1"}, {"environmentSuffix": "live"}),
}
PAYMENTS: dict[str, tuple[Values, Values]] = {
    "addresses that name environments": (
        {"notificationEmails": ["prod-watch@example.com"], "operatorEmails": ["staging@prod.example.com"]},
        {"notificationEmails": ["prod@example.com"], "operatorEmails": ["prod+staging@example.com"]},
    ),
    "more addresses in prod": (
        {"notificationEmails": ["a@example.com"]},
        {"notificationEmails": ["a@example.com", "b@example.com", "c@example.com"]},
    ),
    "more operators in staging": (
        {"operatorEmails": ["a@example.com", "b@example.com"]},
        {"operatorEmails": ["z@example.com"]},
    ),
    "one address for both": (
        {"notificationEmails": ["all@example.com"], "operatorEmails": ["all@example.com"]},
        {"notificationEmails": ["all@example.com"], "operatorEmails": ["all@example.com"]},
    ),
    "addresses in another order": (
        {"notificationEmails": ["a@example.com", "b@example.com"]},
        {"notificationEmails": ["b@example.com", "a@example.com"]},
    ),
    "an address with an account's id": (
        {"notificationEmails": [f"aws+{PROD}@example.com"]},
        {"notificationEmails": [f"aws+{STAGING}@example.com"]},
    ),
    "an address with a region": (
        {"operatorEmails": ["eu-west-1@example.com"]},
        {"operatorEmails": ["us-west-2@example.com"]},
    ),
    "subscribers in prod only": (
        {"subscriberAccountIds": []},
        {"subscriberAccountIds": ["666666666666", "777777777777"]},
    ),
    "more subscribers in prod": (
        {"subscriberAccountIds": ["666666666666"]},
        {"subscriberAccountIds": ["666666666666", "777777777777"]},
    ),
    "each other's account as subscriber": (
        {"subscriberAccountIds": [PROD]},
        {"subscriberAccountIds": [STAGING]},
    ),
    "one scaling for both": (
        {"memoryMb": 1024, "reservedConcurrency": 10},
        {"memoryMb": 1024, "reservedConcurrency": 10},
    ),
    "scaling the other way round": (
        {"memoryMb": 3008, "reservedConcurrency": 200, "maxReceiveCount": 9},
        {"memoryMb": 256, "reservedConcurrency": 1, "maxReceiveCount": 2},
    ),
    "scaling that a bound hides": ({"reservedConcurrency": 1}, {"reservedConcurrency": 2}),
    "backup in prod only": ({"pointInTimeRecovery": False}, {"pointInTimeRecovery": True}),
}
WHOLE: dict[str, tuple[Values, Values]] = {
    "a suffix that is a resource's name": (
        {"environmentSuffix": "payments"},
        {"environmentSuffix": "payments"},
    ),
    "another suffix that is a word": ({"environmentSuffix": "queue"}, {"environmentSuffix": "alarm"}),
    "one region": ({"region": "eu-central-1"}, {"region": "eu-central-1"}),
    "regions the other way round": ({"region": "eu-west-1"}, {"region": "us-west-2"}),
    "accounts that begin with zero": ({"accountId": "000000000012"}, {"accountId": "090817263544"}),
}
MATRIX = [
    *(("bootstrap-iam", name, *values) for name, values in BOOTSTRAP.items()),
    *(("network", name, *values) for name, values in NETWORK.items()),
    *(("payments", name, *values) for name, values in PAYMENTS.items()),
    *(("network", name, *values) for name, values in WHOLE.items()),
]


@pytest.mark.parametrize(
    ("project", "name", "staging", "prod"), MATRIX, ids=[f"{project}: {name}" for project, name, *_ in MATRIX]
)
def test_own_values_are_no_drift(
    tmp_path: Path, project: str, name: str, staging: Values, prod: Values
) -> None:
    root = copy_of_projects(tmp_path)
    for each in {project, "bootstrap-iam", "network"} if name in WHOLE else {project}:
        for environment, values in (("staging", staging), ("prod", prod)):
            configure(root, each, environment, values)
        configure(root, each, "dev", {key: EVERYWHERE[key] for key in staging if key in EVERYWHERE})
    report = as_deployed(root, project)
    assert [f"{each.resource}.{each.path}: {each.reason}" for each in drift(report)] == []
    assert report.not_checked == ()


def test_the_matrix_has_at_least_36_variants() -> None:
    assert len(MATRIX) >= 36


def test_an_external_id_of_each_environment_is_identity(tmp_path: Path) -> None:
    root = copy_of_projects(tmp_path)
    configure(root, "bootstrap-iam", "staging", {"externalId": "kq8Zx71-bb02Lm-eR5u"})
    configure(root, "bootstrap-iam", "prod", {"externalId": "T4w99.aZ_pplk.Qx71"})
    report = as_deployed(root, "bootstrap-iam")
    explained = {
        (each.resource, each.explained_by)
        for each in of_class(report, Classification.IDENTITY)
        if each.resource
    }
    assert ("deployer-role", "bootstrap-iam:externalId") in explained
    assert ("(stack)", "bootstrap-iam:externalId") in explained


REGIONS = """
import json, pulumi, pulumi_aws
regions = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-west-2", "ap-southeast-3"]}}
statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": regions}
pulumi_aws.iam.Policy(
    "regions",
    policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    description="Regions in which prod and staging work",
    opts=pulumi.ResourceOptions(provider=pulumi_aws.Provider("another", region=settings.identity.region)),
)
"""


def test_a_uniform_list_of_regions_and_a_text_that_names_environments_are_no_drift(tmp_path: Path) -> None:
    report = as_deployed(changed_program(tmp_path, "network", after=REGIONS), "network")
    assert places(drift(report)) == set()


@pytest.mark.parametrize("name", ["payments", "alarm", "queue"])
def test_an_environment_with_the_name_of_a_thing_is_no_drift(tmp_path: Path, name: str) -> None:
    root = copy_of_projects(tmp_path)
    write_environments(root, EnvironmentTree.line("staging", name))
    for project in ("bootstrap-iam", "network", "payments"):
        folder = root / "projects" / project
        (folder / "Pulumi.prod.yaml").rename(folder / f"Pulumi.{name}.yaml")
    report = detect(
        Request(
            source=Code(projects=root / "projects"),
            target=name,
            checks=(Check.PARITY,),
            projects=("network", "payments"),
            root=root,
        )
    )
    assert [(each.resource, each.path) for each in drift(report)] == []
    assert report.not_checked == ()
