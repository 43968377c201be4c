"""A wrong environment is refused at import, with all its mistakes."""

import pytest

from functions.payment_processor.settings import VARIABLES, ConfigurationError, read

from .builders import ENVIRONMENT


def test_a_complete_environment_is_read() -> None:
    settings = read(ENVIRONMENT)
    assert settings.table_name == "payments-table-dev-acme"
    assert settings.topic_arn.endswith(":payments-notification-topic-dev-acme")
    assert settings.limits == {"EUR": 1_000_000, "JPY": 1_000_000, "USD": 1_000_000}
    assert settings.ledger == {"near_duplicate_seconds": 3600, "retention_days": 0}
    assert (settings.environment, settings.log_level) == ("dev", "INFO")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TABLE_NAME", "no"),
        ("TABLE_NAME", "arn:aws:dynamodb:us-east-1:123456789012:table/payments"),
        ("TOPIC_ARN", "payments-notification-topic-dev-acme"),
        ("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:payments.fifo"),
        ("VERIFICATION_QUEUE_ARN", ""),
        ("VERIFICATION_QUEUE_ARN", "arn:aws:sqs:us-east-1:123456789012:payments.fifo"),
        ("MAXIMUM_AMOUNTS", ""),
        ("MAXIMUM_AMOUNTS", "EUR"),
        ("MAXIMUM_AMOUNTS", "EUR:1, USD:1"),
        ("MAXIMUM_AMOUNTS", "EUR:1,DEM:1"),
        ("MAXIMUM_AMOUNTS", "EUR:1,"),
        ("MAXIMUM_AMOUNTS", "EUR:0"),
        ("MAXIMUM_AMOUNTS", "EUR:1000000000001"),
        ("MAXIMUM_AMOUNTS", "EUR:1e6"),
        ("NEAR_DUPLICATE_SECONDS", "-1"),
        ("RETENTION_DAYS", ""),
        ("ENVIRONMENT", "Prod"),
        ("LOG_LEVEL", "VERBOSE"),
        ("POWERTOOLS_SERVICE_NAME", "payment service"),
        ("POWERTOOLS_METRICS_NAMESPACE", "payments\n"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value_and_what_it_must_be(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read({**ENVIRONMENT, name: value})
    assert str(refused.value) == f"{name} must be {VARIABLES[name][1]}, and is {value!r}"


def test_all_mistakes_are_reported_together() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read({})
    assert all(f"{name} must be" in str(refused.value) for name in VARIABLES.keys() - {"ACCOUNT_KEY_TABLE"})


def test_the_largest_limit_is_the_largest_amount_of_the_contract() -> None:
    assert read({**ENVIRONMENT, "MAXIMUM_AMOUNTS": "EUR:1000000000000"}).limits == {"EUR": 10**12}
