from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from operations.organisation.existing import look
from operations.organisation.model import Environment, Organisation
from tests.operations.organisation.organisations import SAMPLE

ACCOUNT = "123456789012"
"""moto's account where no role is assumed."""


def session(environment: Environment) -> boto3.Session:
    return boto3.Session("x", "y", region_name=environment.region)


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def organisation(**changed: str) -> Organisation:
    prod = SAMPLE.environments["prod"].model_copy(update={"account_id": ACCOUNT, **changed})
    return Organisation(suffix="acme", github_repository="globex/pay", environments={"prod": prod})


def test_an_account_with_nothing_in_the_way_is_ready() -> None:
    obstacles, _ = look(organisation(), session)
    assert obstacles == []


def test_a_question_that_is_refused_is_not_checked() -> None:
    _, unchecked = look(organisation(), session)  # moto does not implement GetAccountSettings
    (only,) = unchecked
    assert "Lambda quota" in only


def test_credentials_of_another_account_are_found() -> None:
    obstacles, _ = look(organisation(account_id="999999999999"), session)
    assert any("999999999999" in obstacle for obstacle in obstacles)


def test_an_oidc_provider_that_exists_is_found() -> None:
    boto3.client("iam").create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com")
    obstacles, _ = look(organisation(), session)
    assert any("oidc-provider" in obstacle for obstacle in obstacles)


def test_a_vpc_with_the_same_addresses_is_found() -> None:
    made = boto3.client("ec2", "eu-west-1").create_vpc(CidrBlock="10.30.8.0/24")["Vpc"]["VpcId"]
    obstacles, _ = look(organisation(), session)
    assert any(made in obstacle for obstacle in obstacles)


def test_an_account_that_cannot_be_entered_is_not_checked() -> None:
    def refused(_: Environment) -> boto3.Session:
        boto3.client("iam").get_role(RoleName="none")
        raise AssertionError

    obstacles, unchecked = look(organisation(), refused)
    assert obstacles == []
    assert len(unchecked) == 1
