"""Map rules to the requirements that they test, and name what covers the other requirements.

A requirement is claimed by a rule only where the rule tests a part of it; no table says that the system
complies. Titles are our words for what the requirement asks of these services. FSBP's ids are among a rule's
`references`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from policies.rule import AnyRule, Rule

PCI, NIST, CIS, SOC2, FSBP = "PCI DSS 4.0.1", "NIST SP 800-53 r5", "CIS AWS 3.0.0", "SOC 2", "AWS FSBP"
FRAMEWORKS: Mapping[str, str] = {
    PCI: "https://www.pcisecuritystandards.org/document_library/",
    NIST: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
    CIS: "https://www.cisecurity.org/benchmark/amazon_web_services",
    SOC2: "https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022",
    FSBP: "https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html",
}
"""Each framework and where it is published."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One requirement that these services touch: the rules that test a part of it (globs over their ids), or
    what covers it elsewhere, or why nothing does."""

    framework: str
    id: str
    title: str
    rules: tuple[str, ...] = ()
    elsewhere: str = ""
    left_out: str = ""


def _requirement(
    framework: str, name: str, title: str, rules: str = "", elsewhere: str = "", left_out: str = ""
) -> Requirement:
    return Requirement(
        framework=framework,
        id=name,
        title=title,
        rules=tuple(rules.split()),
        elsewhere=elsewhere,
        left_out=left_out,
    )


AT_REST = (
    "table-encryption queue-encryption topic-encryption log-encryption bucket-encryption "
    "relation-bucket-encryption function-environment-key"
)
IN_TRANSIT = (
    "resource-policy-tls relation-queue-policy relation-topic-policy relation-bucket-policy "
    "topic-subscription-protocol placement-endpoints"
)
LEAST_PRIVILEGE = (
    "iam-policy-wildcard-action iam-policy-service-wildcard iam-policy-not-action "
    "iam-policy-wildcard-resource iam-policy-pass-role iam-policy-escalation iam-policy-boundary "
    "iam-policy-exfiltration iam-policy-decrypt iam-policy-grant iam-policy-foreign-resource "
    "iam-role-boundary iam-administrator iam-aws-managed-policy resource-policy-wildcard-action "
    "function-permission-action"
)
ACCESS = (
    "resource-policy-public resource-policy-not-principal resource-policy-foreign-account "
    "function-public function-permission-foreign-account function-url-authorization "
    "bucket-public-access bucket-acl relation-bucket-public-access key-grant-principal "
    "key-policy-grant"
)
TRUST = "iam-trust-*"
UNREACHABLE = (
    "network-internet-gateway network-nat-gateway network-elastic-ip network-connection "
    "network-default-route network-internet-route network-subnet-public network-public-ip "
    "relation-private-subnet"
)
BOUNDARY = f"{UNREACHABLE} endpoint-policy endpoint-policy-* endpoint-service-declared"
INBOUND = (
    "network-ingress-open network-acl-open network-default-security-group relation-vpc-default-security-group"
)
OUTBOUND = "network-egress-open network-prefix-list network-internet-route endpoint-policy-resources"
RETENTION = "log-retention-minimum"
ALARMS = "alarm-actions alarm-enabled alarm-rings relation-dead-letter-alarm"
LOGGING = "relation-vpc-flow-log function-log-group relation-function-logging"
REQUIREMENTS: tuple[Requirement, ...] = (
    _requirement(
        PCI,
        "1.2.5",
        "Services, protocols and ports that are allowed are identified and needed",
        "network-rule-description network-group-description",
    ),
    _requirement(PCI, "1.3.1", "Inbound traffic to the cardholder data environment is restricted", INBOUND),
    _requirement(
        PCI, "1.3.2", "Outbound traffic from it is restricted", f"{OUTBOUND} endpoint-service-declared"
    ),
    _requirement(
        PCI, "1.4.4", "Components that store data are not reachable from untrusted networks", UNREACHABLE
    ),
    _requirement(
        PCI,
        "2.2.1",
        "Configuration standards are applied to all components",
        "coverage-type",
    ),
    _requirement(
        PCI,
        "3.5.1",
        "Stored account numbers are unreadable",
        left_out="payments hold references of the producers, no account numbers",
    ),
    _requirement(
        PCI,
        "3.6.1",
        "Keys are protected against disclosure and misuse",
        "key-grant key-grant-principal key-policy-grant key-multi-region key-replica iam-policy-decrypt "
        "iam-policy-grant",
    ),
    _requirement(
        PCI, "3.7.4", "Keys are changed at the end of their period", "key-rotation key-rotation-period"
    ),
    _requirement(PCI, "4.2.1", "Strong cryptography protects data in transit", IN_TRANSIT),
    _requirement(
        PCI,
        "6.2.3",
        "Code is reviewed before release",
        elsewhere="branch protection and the promotion's gates (docs/promotion.md)",
    ),
    _requirement(PCI, "6.3.3", "Components have the patches of their vendors", "function-runtime"),
    _requirement(
        PCI,
        "6.5.1",
        "Changes follow an established procedure",
        elsewhere="scripts/promote.py and its record (docs/promotion.md)",
    ),
    _requirement(PCI, "7.2.1", "An access model grants what a role needs", LEAST_PRIVILEGE),
    _requirement(PCI, "7.2.5", "Application and system accounts have least privilege", LEAST_PRIVILEGE),
    _requirement(
        PCI,
        "7.3.3",
        "Access is denied unless allowed",
        "iam-policy-not-action resource-policy-public resource-policy-not-principal function-public "
        "function-url-authorization bucket-public-access relation-bucket-public-access",
    ),
    _requirement(PCI, "8.2.2", "No shared or generic credentials", "iam-user placement-credentials"),
    _requirement(
        PCI,
        "8.4.2",
        "Multi-factor authentication into the environment",
        elsewhere="the identity provider of who may take a role (docs/deployment.md)",
    ),
    _requirement(
        PCI,
        "8.6.2",
        "Credentials of systems are in no script, configuration or code",
        "function-environment-secrets placement-credentials",
    ),
    _requirement(
        PCI,
        "10.2.1",
        "Audit logs are active",
        LOGGING,
        elsewhere="the organisation's CloudTrail, which doctor checks",
    ),
    _requirement(
        PCI,
        "10.3.2",
        "Audit logs are protected against modification",
        elsewhere="the deployer may not delete log events (tests/components/deployer_access)",
    ),
    _requirement(PCI, "10.5.1", "Audit logs are kept for twelve months", RETENTION),
    _requirement(
        PCI,
        "10.7.2",
        "Failures of critical security controls are noticed",
        left_out="the alarms of these stacks watch payments, not security controls",
    ),
    _requirement(
        PCI, "11.5.2", "Unauthorised changes are detected", elsewhere="scripts/drift.py (docs/drift.md)"
    ),
    _requirement(
        PCI,
        "12.5.1",
        "An inventory of the components is kept",
        elsewhere="the states of the stacks, and the check `unmanaged` of scripts/drift.py",
    ),
    _requirement(NIST, "AC-3", "Access enforcement", f"{ACCESS} {TRUST}"),
    _requirement(
        NIST,
        "AC-4",
        "Information flow enforcement",
        "endpoint-policy-resources endpoint-service-declared placement-foreign-reference "
        "topic-subscription-endpoint topic-email-domain table-replica table-replica-region table-copy",
    ),
    _requirement(NIST, "AC-6", "Least privilege", LEAST_PRIVILEGE),
    _requirement(NIST, "AC-17", "Remote access", left_out="no component takes remote logins"),
    _requirement(NIST, "AU-2", "Event logging", LOGGING),
    _requirement(NIST, "AU-11", "Audit record retention", RETENTION),
    _requirement(
        NIST, "CM-3", "Configuration change control", elsewhere="scripts/promote.py (docs/promotion.md)"
    ),
    _requirement(NIST, "CM-6", "Configuration settings", "placement-ladder", elsewhere="scripts/drift.py"),
    _requirement(
        NIST,
        "CM-8",
        "System component inventory",
        elsewhere="the states of the stacks, and the check `unmanaged` of scripts/drift.py",
    ),
    _requirement(NIST, "CP-9", "System backup", "table-point-in-time-recovery table-recovery-period"),
    _requirement(
        NIST,
        "CP-10",
        "Recovery and reconstitution",
        "table-point-in-time-recovery table-recovery-period",
        elsewhere="docs/runbook.md, restore",
    ),
    _requirement(
        NIST,
        "IA-2",
        "Identification of users",
        "iam-trust-public iam-trust-account iam-trust-oidc-subject iam-trust-oidc-audience",
    ),
    _requirement(
        NIST,
        "IA-5",
        "Authenticator management",
        "iam-user function-environment-secrets placement-credentials",
    ),
    _requirement(NIST, "SC-7", "Boundary protection", f"{BOUNDARY} {INBOUND} {OUTBOUND}"),
    _requirement(NIST, "SC-8", "Transmission confidentiality and integrity", IN_TRANSIT),
    _requirement(
        NIST,
        "SC-12",
        "Key establishment and management",
        "key-rotation key-rotation-period key-grant key-policy-grant key-lockout-check",
    ),
    _requirement(NIST, "SC-28", "Protection of information at rest", AT_REST),
    _requirement(NIST, "SI-2", "Flaw remediation", "function-runtime"),
    _requirement(NIST, "SI-4", "System monitoring", "relation-vpc-flow-log"),
    _requirement(
        CIS,
        "1.16",
        "No policy with full administrative rights",
        "iam-policy-wildcard-action iam-administrator",
    ),
    _requirement(
        CIS,
        "1.17",
        "A support role exists",
        left_out="it belongs to the account, not to a stack of this system",
    ),
    _requirement(CIS, "2.1.1", "Buckets refuse plain HTTP", "resource-policy-tls relation-bucket-policy"),
    _requirement(
        CIS, "2.1.4", "Buckets block public access", "bucket-public-access relation-bucket-public-access"
    ),
    _requirement(CIS, "3.1", "CloudTrail is on in all regions", elsewhere="the organisation's trail"),
    _requirement(CIS, "3.6", "Symmetric customer keys rotate", "key-rotation"),
    _requirement(CIS, "3.7", "Networks have flow logs", "relation-vpc-flow-log"),
    _requirement(CIS, "5.1", "No network ACL admits the world to administrative ports", "network-acl-open"),
    _requirement(
        CIS, "5.2", "No security group admits the world to administrative ports", "network-ingress-open"
    ),
    _requirement(
        CIS,
        "5.4",
        "Default security groups admit nothing",
        "network-default-security-group relation-vpc-default-security-group",
    ),
    _requirement(
        SOC2, "CC6.1", "Logical access is restricted to authorised users", f"{ACCESS} {TRUST} {AT_REST}"
    ),
    _requirement(SOC2, "CC6.3", "Access is based on roles and least privilege", LEAST_PRIVILEGE),
    _requirement(SOC2, "CC6.6", "Threats from outside the boundary are kept out", f"{BOUNDARY} {INBOUND}"),
    _requirement(
        SOC2,
        "CC6.7",
        "Transmission of information is restricted and protected",
        f"{IN_TRANSIT} {OUTBOUND} topic-subscription-endpoint topic-email-domain",
    ),
    _requirement(
        SOC2,
        "CC7.1",
        "Changes of configuration and new vulnerabilities are detected",
        "function-runtime",
        elsewhere="scripts/drift.py",
    ),
    _requirement(SOC2, "CC7.2", "Anomalies are monitored", f"{ALARMS} relation-vpc-flow-log"),
    _requirement(
        SOC2,
        "CC8.1",
        "Changes are authorised, tested and approved",
        elsewhere="scripts/promote.py (docs/promotion.md)",
    ),
    _requirement(
        SOC2,
        "A1.2",
        "Data is backed up and can be recovered",
        "table-point-in-time-recovery table-recovery-period",
    ),
)


def rules_of(requirement: Requirement, rules: Sequence[AnyRule]) -> list[AnyRule]:
    """Return the rules that test a part of a requirement."""
    return [rule for rule in rules if any(fnmatchcase(rule.id, name) for name in requirement.rules)]


def requirements_of(rule: Rule) -> dict[str, list[str]]:
    """Framework to the ids of the requirements that a rule tests a part of."""
    found: dict[str, list[str]] = {}
    for requirement in REQUIREMENTS:
        if any(fnmatchcase(rule.id, pattern) for pattern in requirement.rules):
            found.setdefault(requirement.framework, []).append(requirement.id)
    own = [name.removeprefix("FSBP ") for name in rule.references if name.startswith("FSBP ")]
    return {**found, FSBP: own} if own else found


def tags_of(rule: Rule) -> Iterator[str]:
    """Yield the requirements of a rule as tags: `PCI DSS 4.0.1 4.2.1`; FSBP's are among its references."""
    for framework, names in requirements_of(rule).items():
        if framework != FSBP:
            yield from (f"{framework} {name}" for name in names)
