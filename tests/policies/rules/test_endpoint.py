"""What the rules about VPC endpoints say of which endpoint."""

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import ENDPOINT, ENDPOINT_SERVICE, arn, policy, resource
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()
SEPARATE = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
TOPICS = arn("sns", "*-dev-acme")
OWN = {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}


def _letting(**changes: object) -> dict[str, str]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": TOPICS,
        "Condition": OWN,
    }
    spoiled = {key: value for key, value in {**statement, **changes}.items() if value is not MISSING}
    return {"policy": policy(spoiled)}


(
    CASES.about("endpoint-policy", ENDPOINT)
    .reads("policy", "a JSON policy document", "policy is not set, which lets everything through.")
    .broken({"policy": ""}, "policy is not set, which lets everything through.")
)
CASES.about("endpoint-policy", Made(type=SEPARATE, name="own", props=resource(ENDPOINT).props)).broken(
    {"policy": MISSING}, "policy is not set, which lets everything through."
)
(
    CASES.about("endpoint-policy-actions", ENDPOINT)
    .broken(_letting(Action="*"), "statement 1 lets every action through (*).")
    .broken(_letting(Action=["sns:Publish", "sns:*"]), "statement 1 lets every action through (sns:*).")
    .broken(
        _letting(Action=MISSING, NotAction="sns:Delete"), "statement 1 lets every action through (NotAction)."
    )
    .fine(_letting(Effect="Deny", Action="*"))
    .reads("policy", "a JSON policy document")
)
(
    CASES.about("endpoint-policy-resources", ENDPOINT)
    .broken(_letting(Resource="*"), "statement 1 leads to resources of anybody (*).")
    .broken(
        _letting(Resource="arn:aws:sns:*:*:payments"),
        "statement 1 leads to resources of anybody (arn:aws:sns:*:*:payments).",
    )
    .broken(
        _letting(Resource=arn("dynamodb", "table/*")),
        "statement 1 leads to resources of anybody (arn:aws:dynamodb:us-east-1:111111111111:table/*).",
    )
    .broken(
        _letting(Resource=MISSING, NotResource=TOPICS),
        "statement 1 leads to resources of anybody (NotResource).",
    )
    .broken(
        _letting(Resource="arn:aws:sns:us-east-1:222222222222:payments-topic-dev-acme"),
        "statement 1 leads to what is not of account 111111111111 "
        "(arn:aws:sns:us-east-1:222222222222:payments-topic-dev-acme).",
    )
    .broken(
        _letting(Resource="arn:aws:s3:::reports/*"),
        "statement 1 leads to what is not of account 111111111111 (arn:aws:s3:::reports/*).",
    )
    .fine(
        _letting(
            Resource="arn:aws:s3:::reports/*",
            Condition={"StringEquals": {"aws:ResourceAccount": "111111111111"}},
        )
    )
    .broken(
        _letting(
            Resource="arn:aws:s3:::reports/*",
            Condition={"StringNotEquals": {"aws:ResourceAccount": "111111111111"}},
        ),
        "statement 1 leads to what is not of account 111111111111 (arn:aws:s3:::reports/*).",
    )
    .broken(
        _letting(
            Resource="arn:aws:s3:::reports/*",
            Condition={"StringEquals": {"aws:ResourceAccount": ["111111111111", "222222222222"]}},
        ),
        "statement 1 leads to what is not of account 111111111111 (arn:aws:s3:::reports/*).",
    )
    .reads("policy", "a JSON policy document")
)
ANYBODY = "statement 1 lets principals of any account through."
(
    CASES.about("endpoint-policy-principals", ENDPOINT)
    .broken(_letting(Condition=MISSING), ANYBODY)
    .broken(_letting(Principal={"AWS": ["*"]}, Condition={}), ANYBODY)
    .broken(_letting(Condition={"StringNotEquals": {"aws:PrincipalAccount": "222222222222"}}), ANYBODY)
    .broken(_letting(Condition={"StringEqualsIfExists": {"aws:PrincipalAccount": "111111111111"}}), ANYBODY)
    .broken(_letting(Condition={"StringLike": {"aws:PrincipalAccount": "*"}}), ANYBODY)
    .broken(
        _letting(Principal=MISSING, NotPrincipal={"AWS": "222222222222"}, Condition={}),
        ANYBODY,
    )
    .broken(
        _letting(Condition={"StringEquals": {"aws:PrincipalAccount": "222222222222"}}),
        "statement 1 lets principals of account 222222222222 through.",
    )
    .fine(_letting(Condition={"stringequals": {"AWS:principalaccount": ["111111111111"]}}))
    .broken(_letting(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), ANYBODY)
    .broken(
        _letting(Condition={"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}), ANYBODY
    )
    .broken(_letting(Condition={"StringLike": {"aws:PrincipalAccount": "1*"}}), ANYBODY)
    .broken(_letting(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}), ANYBODY)
    .fine(_letting(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}))
    .broken(
        _letting(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/*"}}),
        "statement 1 lets principals of account 222222222222 through.",
    )
    .broken(
        _letting(Principal={"AWS": "arn:aws:iam::222222222222:root"}, Condition=MISSING),
        "statement 1 lets principals of account 222222222222 through.",
    )
    .reads("policy", "a JSON policy document")
)
PUBLIC_NAME = "privateDnsEnabled is not true, so that the service's name leads past the endpoint."
(
    CASES.about("endpoint-private-dns", ENDPOINT)
    .reads("privateDnsEnabled", "true or false", PUBLIC_NAME)
    .broken({"privateDnsEnabled": False}, PUBLIC_NAME)
    .fine({"vpcEndpointType": "Gateway", "privateDnsEnabled": MISSING})
    .reads("vpcEndpointType", "a string")
    .unknown({"vpcEndpointType": UNKNOWN}, "vpcEndpointType")
)
(
    CASES.about("endpoint-service-acceptance", ENDPOINT_SERVICE)
    .reads("acceptanceRequired", "true or false", "acceptanceRequired is not true.")
    .broken({"acceptanceRequired": False}, "acceptanceRequired is not true.")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
