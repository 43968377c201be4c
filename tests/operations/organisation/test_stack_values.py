from typing import Any

import pytest

from operations.organisation.model import Organisation
from operations.organisation.stack_values import mistakes, overlaps
from tests.operations.organisation.organisations import SAMPLE


def changed(environment: str = "", **values: Any) -> Organisation:
    if not environment:
        return SAMPLE.model_copy(update=values)
    one = SAMPLE.environments[environment].model_copy(update=values)
    return SAMPLE.model_copy(update={"environments": SAMPLE.environments | {environment: one}})


@pytest.mark.parametrize(
    ("organisation", "place", "value"),
    [
        (changed(suffix="No"), "suffix", "No"),
        (changed(github_repository="globex"), "githubRepository", "repo:globex:environment:dev"),
        (changed("prod", region="us-wst-2"), "environments.prod.region", "us-wst-2"),
        (changed("prod", region="cn-north-1"), "environments.prod.region", "cn-north-1"),
        (changed("dev", account_id="1"), "environments.dev.accountId", "1"),
        (changed("dev", account_id="222222222222"), "environments.dev.accountId", "222222222222"),
        (changed("dev", vpc_cidr="8.8.0.0/16"), "environments.dev.vpcCidr", "8.8.0.0/16"),
        (changed("staging", external_id="short"), "environments.staging.externalId", "short"),
    ],
)
def test_a_value_that_a_project_refuses_is_named_by_its_place(
    organisation: Organisation, place: str, value: str
) -> None:
    found = {mistake.key: mistake for mistake in mistakes(organisation)}
    assert found[place].value == value
    assert "organisation.yaml" in found[place].fix


def test_a_mistake_that_three_projects_report_is_one_mistake() -> None:
    assert len(mistakes(changed("prod", region="us-wst-2"))) == 1


def test_mistakes_are_reported_together() -> None:
    found = mistakes(changed("dev", region="nowhere", vpc_cidr="1.2.3.4/20", notification_emails=[]))
    assert {mistake.key for mistake in found} == {
        "environments.dev.region",
        "environments.dev.vpcCidr",
        "environments.dev.notificationEmails",
    }


def test_overlapping_address_ranges_are_a_warning() -> None:
    assert overlaps(SAMPLE) == []
    (warning,) = overlaps(changed("prod", vpc_cidr="10.20.8.0/21"))
    assert "staging" in warning
    assert "prod" in warning
