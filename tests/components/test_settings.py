import json
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.configuration import InvalidConfiguration, Mistake
from components.project_settings import BootstrapIamIdentity
from components.settings import Settings, load, parse
from tests.builders import SECTIONS, parsed
from tests.recorder import Recorder, record, render

SPOILED: dict[str, dict[str, list[object]]] = {
    "bootstrap-iam": {
        "accountId": [
            "",
            "11111111111",
            "1111111111111",
            "11111111111a",
            "\uff11" * 12,
            111111111111,
        ],
        "region": [
            "",
            "us-east",
            "US-EAST-1",
            "us east 1",
            "us-east-1\n",
            "us-wst-2",
            "eu-west-9",
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "eusc-de-east-1",
        ],
        "environmentSuffix": [
            "",
            "ab",
            "a" * 13,
            "1abc",
            "ac-me",
            "Acme",
            "acme\n",
            "ácme",
            "prod",
            "staging",
            "dev",
        ],
        "deployerPrincipals": [
            "arn:aws:iam::111111111111:role/x",
            '["arn:aws:iam::111111111111:root"]',
            '["arn:aws:iam::111111111111:role/*"]',
            '["*"]',
            "[1]",
            "null",
            "{}",
        ],
        "externalId": ["", "short", "with space", "wild*card"],
        "destroyerPrincipals": [
            "[]",
            '["arn:aws:iam::111111111111:root"]',
            '["arn:aws:iam::111111111111:role/pipeline-role-dev-acme"]',
            '["arn:aws:iam::111111111111:role/ci/reader-pipeline-role-dev-acme"]',
            "null",
        ],
        "destroyerExternalId": ["", "short", "with space here and there"],
        "operatorPrincipals": [
            "[]",
            '["*"]',
            '["arn:aws:iam::111111111111:role/pipeline-role-dev-acme"]',
            '["arn:aws:iam::111111111111:role/platform-engineer"]',
            "null",
        ],
        "operatorExternalId": ["", "short", "payments*operator*dev"],
        "peopleNeedMfa": ["yes", "1", "null"],
        "emailDomains": ["[]", '["*"]', '["example"]', '["*.example.com"]', '["a@example.com"]', "null"],
        "subscriberAccountIds": ['["11111111111"]', '["*"]', "[111111111111]", "null"],
        "githubSubject": [
            "repo:acme/payments:*",
            "repo:acme/*:ref:refs/heads/main",
            "acme/payments",
            "repo:a/b:c:d",
            "repo:acme/payments:pull_request",
            "repo:acme@123/payments:environment:prod",
            "repo:acme/payments@456:environment:prod",
            "repo:acme@x/payments@456:environment:prod",
            "repo:acme@123/payments@*:environment:prod",
        ],
        "processors": ["payments", "[]", '["Payments"]', '["a", "a"]', f'["{"a" * 17}"]', '["a-"]', "null"],
        "declaredNetwork": [
            "[]",
            '{"vpcId": "vpc-0"}',
            '{"vpcId": "vpc-0", "privateSubnetIds": [], "functionSecurityGroupId": "sg-0", '
            '"dynamodbEndpointId": "vpce-0", "snsEndpointId": "vpce-1"}',
            '{"vpcId": "*", "privateSubnetIds": ["subnet-0"], "functionSecurityGroupId": "sg-0", '
            '"dynamodbEndpointId": "vpce-0", "snsEndpointId": "vpce-1"}',
        ],
        "securityEmails": ['["security"]', '["a b@example.com"]', "security@example.com", "null"],
        "readerPrincipals": ['["arn:aws:iam::111111111111:root"]', '["*"]', "null"],
        "githubReaderSubjects": ['["repo:acme/payments:*"]', '[""]', "repo:acme/payments:pull_request"],
        "administratorRole": ["a/b", "x" * 65, "arn:aws:iam::111111111111:role/x"],
        "breakGlass": ["[]", '{"reason": "payments are lost"}', "true"],
        "previewUnverified": ["yes", "1"],
    },
    "network": {
        "breakGlass": ["[]", '{"reason": "payments are lost"}', "true"],
        "previewUnverified": ["yes", "1"],
        "vpcCidr": [
            "",
            "10.0.0.0",
            "10.0.0.0/15",
            "10.0.0.0/25",
            "10.0.0.1/20",
            "8.8.0.0/16",
            "fd00::/20",
            "10.10.0.0/255.255.240.0",
            "127.0.0.0/16",
            "169.254.0.0/16",
        ],
        "availabilityZoneIds": [
            "use1-az1",
            '["use1-az1"]',
            '["use1-az1", "use1-az1"]',
            '["use1-az1", "use1-az2", "use1-az3"]',
            '["us-east-1a", "us-east-1b"]',
            "null",
        ],
        "flowLogRetentionDays": ["0", "2", "-1", "7.0", "seven", "true", "null", ""],
    },
    "payments": {
        "notificationEmails": [
            "[]",
            "a@example.com",
            '["a@example"]',
            '["a b@example.com"]',
            "[1]",
            "{}",
            "null",
        ],
        "operatorEmails": ["[]", '["@example.com"]', '["a@example.com, b@example.com"]', "true"],
        "subscriberAccountIds": ['["1"]', "[111111111111]", '"111111111111"'],
        "maximumAmounts": [
            "{}",
            "[]",
            '{"EUR": 0}',
            '{"EUR": 1000000000001}',
            '{"EUR": 1.5}',
            '{"EUR": "1"}',
            '{"DEM": 1}',
            '{"eur": 1}',
            "EUR",
        ],
        "nearDuplicateSeconds": ["-1", "2592001", "1.5", "true"],
        "retentionDays": ["-1", "36501", "forever"],
        "pseudonymiseAccounts": ["1", "yes", ""],
        "reservedConcurrency": ["0", "-1", "1001", "1.5", "ten", "true", "1e3", "NaN", "9" * 5000],
        "memoryMb": ["127", "10241", "512MB"],
        "pointInTimeRecovery": ["yes", "1", "", "True", '"true"'],
        "maxReceiveCount": ["0", "1", "1001"],
        "deadLetterAlarmThreshold": ["0", "1000001"],
        "errorAlarmThreshold": ["0"],
        "throttleAlarmThreshold": ["0"],
        "oldestMessageAlarmSeconds": ["59", "345601"],
        "logRetentionDays": ["2", "forever"],
        "breakGlass": [
            "true",
            "[]",
            "[{}]",
            f'{{"artifactDigest": "{"ab" * 32}"}}',
            f'{{"artifactDigest": "{"ab" * 32}", "reason": "payments are lost", "expires": "tomorrow"}}',
            f'{{"artifactDigest": "{"ab" * 32}", "reason": "payments are lost", "expires": "2026-01-31"}}',
        ],
        "verificationResult": ["passed", "passed:", "ab" * 32, f"passed:{'ab' * 31}", f"PASSED:{'ab' * 32}"],
        "previewUnverified": ["1", "yes", ""],
    },
}
CASES = [(p, key, value) for p, keys in SPOILED.items() for key, values in keys.items() for value in values]


def mistakes(
    project: str, values: Mapping[str, object], secret: frozenset[str] = frozenset()
) -> tuple[Mistake, ...]:
    identity, scaling, _ = SECTIONS[project]
    with pytest.raises(InvalidConfiguration) as caught:
        parse(identity, scaling, values, project=project, environment="dev", secret=secret)
    return caught.value.mistakes


@pytest.mark.parametrize("project", SECTIONS)
def test_valid_values_make_settings(project: str) -> None:
    settings = parsed(project)
    assert (settings.project, settings.environment) == (project, "dev")
    assert settings.identity.account_id == "111111111111"


def test_every_key_of_every_project_is_spoiled_below() -> None:
    for project, (identity, scaling, values) in SECTIONS.items():
        promotion = identity.PROMOTION.model_fields.values()
        fields = [*identity.model_fields.values(), *scaling.model_fields.values(), *promotion]
        keys = {str(field.alias) for field in fields}
        assert keys == set(values)
        common = set(SPOILED["bootstrap-iam"]) & {"accountId", "region", "environmentSuffix"}
        assert keys == set(SPOILED[project]) | common


@pytest.mark.parametrize(("project", "key", "value"), CASES)
def test_one_spoiled_value_is_the_one_mistake_named(project: str, key: str, value: object) -> None:
    (mistake,) = mistakes(project, {**SECTIONS[project][2], key: value})
    assert mistake.key == f"{project}:{key}"
    assert "Pulumi.dev.yaml" in mistake.fix
    assert mistake.allowed


@pytest.mark.parametrize(
    ("project", "key"), [(p, key) for p, (_, _, values) in SECTIONS.items() for key in values]
)
def test_a_missing_key_is_said_to_be_missing(project: str, key: str) -> None:
    values: dict[str, object] = dict(SECTIONS[project][2])
    del values[key]
    (mistake,) = mistakes(project, values)
    assert str(mistake).startswith(f"{project}:{key} is not set: must be ")


def test_mistakes_of_both_kinds_are_reported_together_with_unknown_keys() -> None:
    values = {**SECTIONS["payments"][2], "region": "Frankfurt", "memoryMb": "64", "memoryMB": "64"}
    assert [mistake.key for mistake in mistakes("payments", values)] == [
        "payments:region",
        "payments:memoryMb",
        "payments:memoryMB",
    ]


def test_an_unknown_key_is_refused_with_the_keys_there_are() -> None:
    (mistake,) = mistakes("network", {**SECTIONS["network"][2], "vpcCIDR": "10.0.0.0/16"})
    assert mistake.key == "network:vpcCIDR"
    assert "vpcCidr" in mistake.allowed


@pytest.mark.parametrize("key", ["externalId", "unknownKey"])
def test_a_secret_value_appears_in_no_message(key: str) -> None:
    values = {**SECTIONS["bootstrap-iam"][2], key: "hush hush"}
    (mistake,) = mistakes("bootstrap-iam", values, secret=frozenset({key}))
    assert "hush" not in str(mistake)
    assert mistake.key == f"bootstrap-iam:{key}"


def test_a_secret_inside_a_list_appears_in_no_message() -> None:
    values = {**SECTIONS["payments"][2], "operatorEmails": '["hush hush"]'}
    (mistake,) = mistakes("payments", values, secret=frozenset({"operatorEmails"}))
    assert "hush" not in str(mistake)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)
VALUES = st.text() | JSON | JSON.map(json.dumps) | st.just("[" * 2_000)


@given(st.sampled_from(sorted(SECTIONS)), st.data())
def test_whatever_is_configured_gives_settings_or_the_list_of_its_mistakes(
    project: str, data: st.DataObject
) -> None:
    identity, scaling, valid = SECTIONS[project]
    key = st.sampled_from(sorted(valid)) | st.text(max_size=5)
    values = {**valid, **data.draw(st.dictionaries(key, VALUES, max_size=3))}
    found: tuple[Mistake, ...] = ()
    try:
        settings = parse(identity, scaling, values, project=project, environment="dev")
    except InvalidConfiguration as invalid:
        found = invalid.mistakes
    assert {mistake.key for mistake in found} <= {f"{project}:{key}" for key in values}
    assert all(mistake.allowed and mistake.fix for mistake in found)
    if not found:
        assert isinstance(settings, Settings)
        assert set(values) == set(valid)


def test_settings_know_the_names_and_tags_of_the_stack() -> None:
    settings = parsed("network", "staging", environmentSuffix="blue")
    assert settings.names("vpc") == "vpc-staging-blue"
    assert settings.tags == {
        "Project": "network",
        "Environment": "staging",
        "EnvironmentSuffix": "blue",
        "ManagedBy": "pulumi",
    }


# Loading, in a running program


def loaded(
    config: dict[str, str], directory: Path, environment: str = "dev", secret: frozenset[str] = frozenset()
) -> None:
    identity, scaling, _ = SECTIONS["network"]
    record(
        lambda: load(identity, scaling, project_directory=directory),
        project="network",
        environment=environment,
        config=config,
        secret=secret,
    )


NETWORK = {f"network:{key}": value for key, value in SECTIONS["network"][2].items()}


def test_the_engines_own_namespace_is_none_of_the_programs_business(tmp_path: Path) -> None:
    loaded({**NETWORK, "pulumi:disable-default-providers": '["aws"]'}, tmp_path)


def test_provider_configuration_in_a_stack_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidConfiguration, match="aws:region is 'set': must be a key of the namespace 'network'"
    ):
        loaded({**NETWORK, "aws:region": "us-east-1"}, tmp_path)


def test_a_value_that_the_engine_holds_secret_is_masked(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        loaded({**NETWORK, "network:vpcCidr": "hush"}, tmp_path, secret=frozenset({"network:vpcCidr"}))
    assert "hush" not in str(caught.value)


def test_mistakes_of_values_namespaces_and_files_are_reported_together(tmp_path: Path) -> None:
    for environment in ("dev", "staging"):
        (tmp_path / f"Pulumi.{environment}.yaml").write_text('config: {"network:accountId": "111111111111"}')
    with pytest.raises(InvalidConfiguration) as caught:
        loaded({**NETWORK, "network:region": "", "aws:profile": "x"}, tmp_path)
    assert {mistake.key for mistake in caught.value.mistakes} == {
        "network:region",
        "aws:profile",
        "network:accountId",
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("maximumAmounts", {"EUR": 10000000}),
        ("maximumAmounts", {"CHF": 10000000, "EUR": 10000000, "GBP": 10000000, "JPY": 10000000, "USD": 1}),
        ("nearDuplicateSeconds", 0),
        ("retentionDays", 30),
        ("pseudonymiseAccounts", True),
    ],
)
def test_a_rule_that_a_release_proves_is_refused_in_a_single_environment(key: str, value: object) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        render("payments", "prod", changed={key: value})
    (mistake,) = caught.value.mistakes
    assert mistake.key == f"payments:{key}"
    assert "the same in every environment" in mistake.allowed


def test_a_rule_may_be_repeated_as_it_is_everywhere() -> None:
    assert render("payments", "prod", changed={"retentionDays": 0, "nearDuplicateSeconds": "3600"}).resources


def test_an_environment_that_is_not_on_the_ladder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="one of dev, staging, prod"):
        loaded(NETWORK, tmp_path, environment="production")


@pytest.mark.parametrize("project", SECTIONS)
def test_nothing_is_registered_when_the_configuration_is_wrong(project: str) -> None:
    with (
        patch.object(Recorder, "new_resource", side_effect=AssertionError("a resource was registered")),
        pytest.raises(InvalidConfiguration, match=f"{project}:accountId is 'dev'"),
    ):
        render(project, "dev", changed={"accountId": "dev"})


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/payments:environment:prod",
        "repo:acme@123/payments@456:environment:prod",
        "repo:acme@123/payments@456:ref:refs/heads/main",
    ],
)
def test_subjects_of_github_are_taken_with_and_without_ids(subject: str) -> None:
    values = {"githubSubject": subject, "githubReaderSubjects": json.dumps([subject])}
    identity = parsed("bootstrap-iam", **values).identity
    assert isinstance(identity, BootstrapIamIdentity)
    assert (identity.github_subject, identity.github_reader_subjects) == (subject, (subject,))
