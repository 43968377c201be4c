"""Policy documents that AWS would refuse, or that say something else than was meant."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from policies.conditions import OPERATORS, matches, parts
from policies.document_locations import ENDPOINT, IDENTITY, RESOURCE, ROLE, identity_statements
from policies.documents import PolicyStatement, statements
from policies.properties import is_sequence, read
from policies.reach import is_pattern
from policies.resource import CheckedResource
from policies.rule import ResourceRule, RuleContext, RuleSeverity

IAM_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
REFERENCE_FILE = Path(__file__).with_name("service_reference.json")
VERSION = "2012-10-17"
DOCUMENTS: Mapping[str, str] = {**IDENTITY, **RESOURCE, **ENDPOINT, ROLE: "assumeRolePolicy"}
"""Type to the property that holds its document; a role's `inlinePolicies` come on top."""
LIMITS: Mapping[str, int] = {
    "aws:dynamodb/resourcePolicy:ResourcePolicy": 20_480,
    "aws:ec2/vpcEndpoint:VpcEndpoint": 20_480,
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": 20_480,
    "aws:iam/policy:Policy": 6_144,
    "aws:iam/rolePolicy:RolePolicy": 10_240,
    "aws:kms/key:Key": 32_768,
    "aws:kms/keyPolicy:KeyPolicy": 32_768,
    "aws:s3/bucketPolicy:BucketPolicy": 20_480,
    "aws:sns/topicPolicy:TopicPolicy": 30_720,
    "aws:sqs/queuePolicy:QueuePolicy": 20_480,
    ROLE: 4_096,
}
"""Characters without blanks; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
GLOBAL_KEYS = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:ismcpserviceaction",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:resourcetag/",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
]
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html; a key that
ends in a slash goes on with a tag's name."""


ServiceNames = tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]
"""Actions, condition keys and kinds of resources, the latter two as patterns."""


@cache
def _reference() -> tuple[
    frozenset[str], Mapping[str, tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]]
]:
    """All prefixes of services; of those in the extract the actions, condition keys and kinds, lower case."""
    found = json.loads(REFERENCE_FILE.read_text(encoding="utf-8"))
    return frozenset(found["prefixes"]), {
        service: (
            frozenset(action.lower() for action in known["actions"]),
            tuple(_open_ended(key) for key in known["conditionKeys"]),
            tuple(_open_ended(kind) for kind in known["resourceKinds"]),
        )
        for service, known in found["services"].items()
    }


def _open_ended(template: str) -> str:
    """Return a template of the reference as a pattern: its variables are wildcards."""
    return re.sub(r"\$\{[^}]*\}", "*", template).lower()


@lru_cache(maxsize=4096)
def unknown_action(action: str) -> str:
    """What is wrong with an action (lower case), as a message goes on after it; empty where AWS has it."""
    if set(action) <= set("*?:"):
        return ""
    service, _, name = action.partition(":")
    prefixes, services = _reference()
    if not name or (not is_pattern(service) and service not in prefixes):
        return "names no service of AWS"
    if service not in services:
        return ""
    return "" if any(matches(name, known) for known in services[service][0]) else "is no action of AWS"


@lru_cache(maxsize=4096)
def unknown_key(key: str) -> str:
    """What is wrong with a condition key (lower case); empty where AWS has it, or nobody here can say."""
    service, colon, _ = key.partition(":")
    if not colon:
        return "has no service before it"
    if service == "aws":
        begins = any(known.endswith("/") and key.startswith(known) and key != known for known in GLOBAL_KEYS)
        return "" if key in GLOBAL_KEYS or begins else "is no condition key of AWS"
    known = _reference()[1].get(service)
    if known is None or "." in service:
        return ""
    return "" if any(matches(pattern, key) for pattern in known[1]) else "is no condition key of AWS"


@lru_cache(maxsize=4096)
def unknown_kind(arn: str) -> str:
    """Return what is wrong with a resource pattern: the service has no such kind of resource."""
    fields = arn.split(":", 5)
    if arn == "*" or is_pattern(fields[0]):
        return ""
    if fields[0] != "arn" or (len(fields) < 6 and not is_pattern(arn)):
        return "is no ARN"
    if len(fields) < 6 or fields[2] not in _reference()[1] or "${" in arn:
        return ""
    kinds = _reference()[1][fields[2]][2]
    rest = fields[5].lower()
    kind = re.match(r"[^:/*?]*", rest)
    begun = kind.group() if kind else ""
    if begun == rest or not begun:  # a name alone, or a wildcard from the beginning
        fits = any(matches(pattern, rest) or is_pattern(rest) for pattern in kinds)
    else:
        marks = "" if is_pattern(rest[len(begun)]) else rest[len(begun)]
        fits = any(pattern.startswith((begun + marks, "*")) for pattern in kinds)
    return "" if fits or not kinds else f"is of no kind of resource that {fields[2]} has"


def _labelled(resource: CheckedResource) -> Iterator[tuple[str, PolicyStatement]]:
    if resource.type == ROLE:
        for attached in identity_statements(resource):
            yield attached.label, attached.statement
    for statement in statements(resource.props, DOCUMENTS[resource.type]):
        yield statement.label, statement


def _check_names(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _labelled(resource):
        for action in (*statement.actions, *statement.not_actions):
            if reason := unknown_action(action):
                yield f"{label}: {action} {reason}."
        for condition in statement.conditions:
            if parts(condition.operator)[1] not in OPERATORS:
                yield f"{label}: {condition.operator} is no condition operator of AWS."
            if reason := unknown_key(condition.key):
                yield f"{label}: {condition.key} {reason}."
        for arn in (*statement.resources, *statement.not_resources):
            if resource.type not in ENDPOINT and (reason := unknown_kind(arn)):
                yield f"{label}: {arn} {reason}."


def _check_form(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    key = DOCUMENTS[resource.type]
    document = read(resource.props, key)
    if not document:
        return
    statements(resource.props, key)  # what is no document is reported as such
    found = json.loads(document) if isinstance(document, str) else document
    version = {str(name).lower(): value for name, value in found.items()}.get("version")
    if version != VERSION:
        shown = version or "not set"
        yield f"{key}: Version is {shown}; it must be {VERSION}, or policy variables are mere text."
    size = len(re.sub(r"\s", "", document if isinstance(document, str) else json.dumps(document)))
    most = LIMITS.get(resource.type)
    if most is not None and size > most:
        yield f"{key} has {size} characters without blanks; AWS takes {most}."
    listed = found.get("Statement") or []
    labels = (
        [element.get("Sid") for element in listed if isinstance(element, Mapping)]
        if is_sequence(listed)
        else []
    )
    for sid in dict.fromkeys(sid for sid in labels if sid and labels.count(sid) > 1):
        yield f"{key}: the Sid {sid} stands twice."


RULES = (
    ResourceRule(
        id="policy-document-names",
        severity=RuleSeverity.MEDIUM,
        types=frozenset(DOCUMENTS),
        title="Policy documents name actions, condition keys, operators and kinds of resources that AWS has.",
        why="A misspelt action allows nothing, and a misspelt denial or condition refuses nothing.",
        fix="correct the name by the service's page of the Service Authorization Reference.",
        url="https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html",
        check=_check_names,
    ),
    ResourceRule(
        id="policy-document-form",
        severity=RuleSeverity.MEDIUM,
        types=frozenset(DOCUMENTS),
        title="Policy documents have the current version, distinct Sids and a size that AWS takes.",
        why="Without the version, policy variables are mere text; what is too large fails in the update.",
        fix=f"set Version to {VERSION}, name each Sid once, and split a document that is too large.",
        url=f"{IAM_DOCS}/reference_policies_elements_version.html",
        check=_check_form,
    ),
)
