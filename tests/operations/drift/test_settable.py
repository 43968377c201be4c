import pytest

from operations.drift.settable import settable, telling


@pytest.mark.parametrize(
    ("type_", "some"),
    [
        ("aws:sqs/queue:Queue", {"visibilityTimeoutSeconds", "policy", "tags", "tagsAll"}),
        ("aws:lambda/function:Function", {"memorySize", "environment"}),
        ("aws:ec2/securityGroup:SecurityGroup", {"ingress", "egress"}),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4"}),
    ],
)
def test_what_a_program_may_set_is_what_the_sdk_takes(type_: str, some: set[str]) -> None:
    assert some <= settable(type_)
    assert not {"arn", "id", "lastModified", "urn"} & settable(type_)


@pytest.mark.parametrize("type_", ["", "aws", "aws:sqs/queue:Nothing", "nobody:knows/this:Thing"])
def test_of_an_unknown_type_nothing_is_known(type_: str) -> None:
    assert settable(type_) == frozenset()


def test_whom_a_network_asks_for_names_tells_though_no_program_sets_it() -> None:
    assert telling("aws:ec2/vpc:Vpc") - settable("aws:ec2/vpc:Vpc") == {"dhcpOptionsId", "mainRouteTableId"}
    assert telling("aws:sqs/queue:Queue") == settable("aws:sqs/queue:Queue")
