import pytest

from components.configuration import InvalidConfiguration
from operations.organisation.answers import Answers, apply, pairs, placeholders
from tests.operations.organisation.organisations import SAMPLE


def test_without_answers_nothing_changes() -> None:
    assert apply(Answers(), SAMPLE) == SAMPLE


def test_a_new_account_gets_principals_of_its_own_and_a_random_external_id() -> None:
    dev = apply(Answers(accounts={"dev": "090817263544"}), SAMPLE).environments["dev"]
    assert dev.deployer_principals == ["arn:aws:iam::090817263544:role/platform-engineer"]
    assert dev.external_id != SAMPLE.environments["dev"].external_id
    assert len(dev.external_id) == 32


def test_a_domain_replaces_that_of_every_address() -> None:
    changed = apply(Answers(email_domain="globex.io"), SAMPLE)
    assert changed.environments["prod"].operator_emails == ["payments-oncall+prod@globex.io"]
    assert changed.environments["dev"].notification_emails == ["payments+dev@globex.io"]


@pytest.mark.parametrize("given", ["dev", "dev=", "=1", "qa=1", "Dev=1"])
def test_an_option_of_another_form_is_refused(given: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        pairs([given], "--account")
    assert [mistake.value for mistake in refused.value.mistakes] == [given]


def test_an_environment_given_twice_is_refused() -> None:
    with pytest.raises(InvalidConfiguration):
        pairs(["dev=1", "dev=2"], "--account")


def test_the_sample_consists_of_placeholders() -> None:
    assert len(placeholders(SAMPLE)) == 9
