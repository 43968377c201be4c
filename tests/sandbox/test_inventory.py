from sandbox import accounts, inventory
from sandbox.server import state_key
from sandbox.server.process import ServerProcess
from tests.sandbox.accounts_of_tests import REGION, Tenant


def left(account: Tenant) -> list[str]:
    by_place = inventory.leftovers(account.server.url, {account.id})
    return sorted(resource for resources in by_place.values() for resource in resources)


def test_a_fresh_account_has_nothing_left_though_aws_put_a_vpc_there(account: Tenant) -> None:
    assert account.client("ec2").describe_vpcs()["Vpcs"]
    assert left(account) == []


def test_a_resource_in_any_region_of_any_account_is_found(account: Tenant) -> None:
    elsewhere = account.session.client("sns", region_name="ap-south-1", endpoint_url=account.server.url)
    arn = elsewhere.create_topic(Name="forgotten")["TopicArn"]
    assert left(account) == [f"topic {arn}"]


def test_what_was_made_in_the_default_vpc_is_left(account: Tenant) -> None:
    ec2 = account.client("ec2")
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    group = ec2.create_security_group(GroupName="own", Description="own", VpcId=vpc["VpcId"])["GroupId"]
    table = ec2.create_route_table(VpcId=vpc["VpcId"])["RouteTable"]["RouteTableId"]
    assert left(account) == [f"route table {table}", f"security group {group}"]


def test_a_vpc_of_ones_own_is_left_with_all_that_came_with_it(account: Tenant) -> None:
    account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    kinds = {entry.rpartition(" ")[0] for entry in left(account)}
    assert kinds == {"vpc", "route table", "security group", "network ACL"}


def test_a_key_that_waits_for_its_deletion_is_gone_and_one_that_does_not_is_left(account: Tenant) -> None:
    kms = account.client("kms")
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.schedule_key_deletion(KeyId=first, PendingWindowInDays=7)
    assert left(account) == [f"key {second}"]


def test_the_key_of_the_sandboxs_own_state_is_not_left_but_another_is(
    server: ServerProcess,
) -> None:
    place = {state_key.ACCOUNT}
    caller = accounts.session(server.url, state_key.ACCOUNT, state_key.REGION)
    kms = caller.client("kms", endpoint_url=server.url)
    kms.encrypt(KeyId=state_key.ALIAS, Plaintext=b"a secret")
    assert inventory.leftovers(server.url, place) == {}
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/another", TargetKeyId=key)
    assert inventory.leftovers(server.url, place) == {
        f"{state_key.ACCOUNT} {state_key.REGION}": ["alias alias/another", f"key {key}"]
    }


def test_roles_are_left_once_and_not_once_a_region(account: Tenant) -> None:
    for region in (REGION, "us-east-1"):
        iam = account.session.client("iam", region_name=region, endpoint_url=account.server.url)
        iam.create_user(UserName=f"user-{region}")
    assert left(account) == [f"user user-{REGION}", "user user-us-east-1"]
