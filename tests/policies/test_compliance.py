"""The mapping of rules to requirements: complete in both directions, and shown in every output."""

from fnmatch import fnmatchcase

import pytest

from policies.adapter import Servicer
from policies.compliance import (
    FRAMEWORKS,
    FSBP,
    REQUIREMENTS,
    Requirement,
    requirements_of,
    rules_of,
    tags_of,
)
from policies.rules import RULES
from tests.policies.engine import TODAY

BY_ID = {rule.id: rule for rule in RULES}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda found: f"{found.framework} {found.id}")
def test_each_requirement_has_rules_or_a_place_elsewhere_or_a_reason(requirement: Requirement) -> None:
    assert requirement.framework in FRAMEWORKS
    assert requirement.rules or requirement.elsewhere or requirement.left_out
    assert not (requirement.rules and requirement.left_out)
    for pattern in requirement.rules:
        assert any(fnmatchcase(rule.id, pattern) for rule in RULES), pattern
    assert bool(rules_of(requirement, RULES)) == bool(requirement.rules)


def test_requirements_are_listed_once() -> None:
    listed = [(found.framework, found.id) for found in REQUIREMENTS]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("rule", "framework", "requirement"),
    [
        ("table-encryption", "NIST SP 800-53 r5", "SC-28"),
        ("key-rotation", "PCI DSS 4.0.1", "3.7.4"),
        ("key-rotation", FSBP, "KMS.4"),
        ("iam-trust-declared", "SOC 2", "CC6.1"),
        ("relation-vpc-flow-log", "CIS AWS 3.0.0", "3.7"),
    ],
)
def test_a_rule_claims_what_it_tests(rule: str, framework: str, requirement: str) -> None:
    assert requirement in requirements_of(BY_ID[rule])[framework]


@pytest.mark.parametrize(
    ("rule", "framework", "requirement"),
    [
        ("alarm-actions", "PCI DSS 4.0.1", "10.7.2"),
        ("alarm-actions", "NIST SP 800-53 r5", "SI-4"),
        ("tag-required", "PCI DSS 4.0.1", "12.5.1"),
        ("tag-required", "NIST SP 800-53 r5", "CM-8"),
        ("topic-subscription-dead-letter", "NIST SP 800-53 r5", "CP-10"),
        ("topic-subscription-dead-letter", "SOC 2", "A1.2"),
        ("endpoint-policy-actions", "PCI DSS 4.0.1", "1.4.4"),
        ("key-grant-principal", "PCI DSS 4.0.1", "7.3.3"),
        ("iam-trust-service-source", "NIST SP 800-53 r5", "IA-2"),
    ],
)
def test_a_rule_claims_no_requirement_that_it_does_not_test(
    rule: str, framework: str, requirement: str
) -> None:
    assert requirement not in requirements_of(BY_ID[rule]).get(framework, [])


def test_a_rule_about_names_claims_no_encryption() -> None:
    assert all("3.5" not in tag and "SC-28" not in tag for tag in tags_of(BY_ID["name-convention"]))


def test_the_engines_metadata_holds_the_requirements() -> None:
    info = Servicer(RULES, TODAY).GetAnalyzerInfo(None, None)
    [found] = [policy for policy in info.policies if policy.name == "table-encryption"]
    assert "NIST SP 800-53 r5 SC-28" in found.tags
    assert found.framework.name == "NIST SP 800-53 r5"
    assert "SC-28" in found.framework.specification
