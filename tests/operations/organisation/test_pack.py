import json
from datetime import date

from operations import REPOSITORY
from operations.organisation.answers import Answers, apply
from operations.organisation.pack import FILE, updated
from policies.configuration import parse
from policies.rules import RULES
from tests.operations.organisation.organisations import SAMPLE

SAMPLE_TEXT = (REPOSITORY / "tests" / "sample" / FILE).read_text(encoding="utf-8")
GLOBEX = apply(Answers(email_domain="Globex.io", regions={"prod": "eu-central-1"}), SAMPLE)


def settings(text: str, rule: str) -> dict[str, object]:
    configuration = parse(json.loads(text), RULES, date(2026, 1, 31))
    return dict(configuration.settings_of(next(each for each in RULES if each.id == rule)))


def test_the_samples_configuration_holds_the_samples_values() -> None:
    assert updated(SAMPLE_TEXT, SAMPLE, SAMPLE) == SAMPLE_TEXT


def test_the_pack_accepts_own_regions_and_domains_and_no_longer_the_samples() -> None:
    text = updated(SAMPLE_TEXT, GLOBEX, SAMPLE)
    regions = {"dev": "us-east-1", "staging": "us-west-2", "prod": "eu-central-1"}
    assert settings(text, "placement-region")["regions"] == regions
    assert settings(text, "topic-email-domain")["allowedDomains"] == ["globex.io"]


def test_a_domain_that_a_review_added_stays() -> None:
    document = json.loads(updated(SAMPLE_TEXT, SAMPLE, SAMPLE))
    document["rules"]["topic-email-domain"]["allowedDomains"] += ["oncall.example.net"]
    text = updated(json.dumps(document), GLOBEX, SAMPLE)
    assert settings(text, "topic-email-domain")["allowedDomains"] == ["globex.io", "oncall.example.net"]


def test_a_level_and_other_rules_stay() -> None:
    document = json.loads(SAMPLE_TEXT)
    document["rules"]["topic-email-domain"] = "mandatory"
    document["rules"]["key-rotation"] = "advisory"
    rules = json.loads(updated(json.dumps(document), GLOBEX, SAMPLE))["rules"]
    assert rules["topic-email-domain"]["enforcementLevel"] == "mandatory"
    assert rules["key-rotation"] == "advisory"
