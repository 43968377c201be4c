from typing import Any

import pytest

from sandbox.provider.configuration import decode, is_loopback, parse
from sandbox.provider.errors import ConfigurationError

LOCAL = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}
VALID: dict[str, Any] = {"region": "eu-west-1", "defaultTags": {"tags": {"Project": "payments"}}}


def test_nested_values_arrive_as_json_text_or_as_values() -> None:
    written = {"assumeRoles": [{"roleArn": "a"}], "skipRegionValidation": True, "version": "7.51.1"}
    assert decode(written) == {"assumeRoles": [{"roleArn": "a"}], "skipRegionValidation": True}
    assert decode({"assumeRoles": '[{"roleArn": "a"}]', "skipRegionValidation": "true"}) == decode(written)


def test_keys_of_plain_dicts_are_understood_in_snake_case() -> None:
    assert decode({"assumeRoles": '[{"role_arn": "a", "external_id": "b"}]'}) == {
        "assumeRoles": [{"roleArn": "a", "externalId": "b"}]
    }


def test_tags_keep_their_spelling() -> None:
    assert decode({"defaultTags": '{"tags": {"cost_centre": "a"}}'}) == {
        "defaultTags": {"tags": {"cost_centre": "a"}}
    }


@pytest.mark.parametrize(
    ("duration", "seconds"), [("1h", 3600), ("1h30m", 5400), ("900s", 900), ("15m", 900)]
)
def test_durations_are_go_durations(duration: str, seconds: int) -> None:
    role = {"roleArn": "arn:aws:iam::111111111111:role/r", "duration": duration}
    assert parse({**VALID, "assumeRoles": [role]}, LOCAL).roles[0].duration_seconds == seconds


def test_the_environment_names_the_region_when_the_program_does_not() -> None:
    environment = {**LOCAL, "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-1"}
    assert parse({}, environment).region == "us-west-2"
    assert parse({"region": "eu-west-1"}, environment).region == "eu-west-1"


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ({}, LOCAL, "region: missing: set the provider's region, or AWS_REGION"),
        (VALID, {}, "endpoints: the sandbox's aws provider only talks to a local AWS, not to the real one"),
        ({**VALID, "assumeRoles": [{"roleArn": "arn:aws:iam::1:role/r", "duration": "soon"}]}, LOCAL,
         "assumeRoles: 'soon' is no duration such as 1h or 30m"),
        ({**VALID, "assumeRoles": [{}]}, LOCAL, 'assumeRoles[0].roleArn: Missing required argument.'),
        ({**VALID, "assumeRoles": "deployer"}, LOCAL, "assumeRoles: expected a list of objects, got str"),
        ({**VALID, "endpoint": "x"}, LOCAL, "endpoint: the sandbox does not implement the"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(arguments: dict[str, Any], environment: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(decode(arguments), environment)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://localhost:5000", True),
        ("http://[::1]:5000", True),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost@example.com", False),
        ("https://sqs.eu-west-1.amazonaws.com", False),
        ("", False),
    ],
)
def test_only_this_machine_is_local(url: str, local: bool) -> None:
    assert is_loopback(url) is local
