"""Resource policies: who may use a queue, a topic, a key or a table, and over which connection."""

from collections.abc import Iterator, Mapping

from policies.arns import account
from policies.document_locations import KEY_TYPES, RESOURCE, RESOURCE_TYPES, resource_statements
from policies.documents import ACCOUNT, PolicyStatement, Principal
from policies.grants import for_aws_resources
from policies.properties import read, text
from policies.resource import CheckedResource
from policies.rule import ResourceRule, RuleContext, RuleSeverity, Setting, Tightening

IAM_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide"

NARROWING_KEYS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "kms:calleraccount",
)
"""Condition keys that make of everyone somebody."""

SOURCE_KEYS = (
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "kms:encryptioncontext:",
    "kms:viaservice",
)

ACCOUNT_KEYS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "kms:calleraccount",
)
"""Condition keys whose values are accounts, or ARNs that name one."""

ORGANIZATION_KEYS = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
)

DECLARED_ACCOUNTS: Mapping[str, Setting] = {
    "declaredBy": Setting(
        schema={"type": "string", "minLength": 1},
        default="subscriberAccountIds",
        description="The stack's configuration key that lists the other accounts.",
        tightens=Tightening.FIXED,
    ),
    "organizations": Setting(
        schema={"type": "array", "items": {"type": "string", "pattern": "^o-[a-z0-9]+$"}},
        default=[],
        description="The organisations that may be let in as a whole, beside those of the zone.",
        tightens=Tightening.FEWER,
    ),
}

DENIED_WITHOUT_TLS: Mapping[str, tuple[str, ...]] = {
    "s3": ("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:listbucket"),
    "sns": ("sns:publish",),
    "sqs": ("sqs:sendmessage", "sqs:receivemessage", "sqs:deletemessage"),
}
"""What the denial must cover; SNS refuses `sns:*` in a topic's policy, so publishing is what counts there."""
NAMED_BY: Mapping[str, str] = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "bucket",
    "aws:s3/bucketV2:BucketV2": "bucket",
    "aws:sns/topic:Topic": "name",
    "aws:sns/topicPolicy:TopicPolicy": "arn",
    "aws:sqs/queue:Queue": "name",
    "aws:sqs/queuePolicy:QueuePolicy": "queueUrl",
}
"""Types that must refuse plain connections, and the property that says what their policy is about."""


def _allowing(resource: CheckedResource) -> Iterator[PolicyStatement]:
    for found in resource_statements(resource):
        if found.statement.allows:
            yield found.statement


def _check_public(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        if any(principal.everyone for principal in statement.principals) and not statement.names_exactly_by(
            *NARROWING_KEYS
        ):
            yield f"{statement.label} lets everyone in." + statement.discounted(*NARROWING_KEYS)


def _check_not_principal(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        if statement.not_principals:
            yield f"{statement.label} lets in everyone but those in NotPrincipal."


def _check_wildcard_action(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        if statement.not_actions:
            yield f"{statement.label} allows whatever NotAction doesn't name."
        for action in statement.actions:
            if not action.rpartition(":")[2].strip("*?") and not _administers(resource, statement, context):
                yield f"{statement.label} allows every action ({action})."


def _administers(resource: CheckedResource, statement: PolicyStatement, context: RuleContext) -> bool:
    """Whether it is the statement by which a key's own account administers it; without it the key is lost."""
    return (
        resource.type in KEY_TYPES
        and statement.actions == ("kms:*",)
        and all(_is_root(principal, context) for principal in statement.principals)
    )


def _is_root(principal: Principal, context: RuleContext) -> bool:
    own = context.stack.account
    return principal.account == own and (principal.value == own or principal.value.endswith(":root"))


def _check_foreign(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        for principal in statement.principals:
            if principal.kind not in {"aws", "canonicaluser"} or principal.everyone:
                continue
            if principal.account is None:
                yield f"{statement.label} lets in {principal.value}, of which nobody can say whose it is."
            elif principal.account not in declared_accounts(context):
                yield f"{statement.label} lets in {principal.value}, whose account the stack doesn't declare."
        if any(principal.everyone or principal.kind == "service" for principal in statement.principals):
            yield from _foreign_conditions(statement, context)


def _foreign_conditions(statement: PolicyStatement, context: RuleContext) -> Iterator[str]:
    """Yield what a condition lets in of everyone, or of those on whose behalf a service acts."""
    for condition in statement.tests(*ACCOUNT_KEYS):
        for value in condition.possible_values if condition.binds else ():
            named = value if ACCOUNT.fullmatch(value) else account(value)
            if named is not None and named not in declared_accounts(context):
                yield f"{statement.label} lets in {value}, whose account the stack doesn't declare."
    for condition in statement.tests(*ORGANIZATION_KEYS):
        for value in condition.possible_values if condition.binds else ():
            if value.partition("/")[0] not in organizations(context):
                yield f"{statement.label} lets in the organisation {value}, which is none of ours."


def organizations(context: RuleContext) -> set[str]:
    """Return the organisations of the zone and of the rule's own setting."""
    return {*context.zone.organizations, *context.texts("organizations")}


def declared_accounts(context: RuleContext) -> set[str]:
    """Return the stack's own account and those that it declares beside it."""
    return {
        *context.zone.trusted_accounts(context.stack),
        *context.stack.declared_list(context.text("declaredBy")),
    }


def _check_grants(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        if statement.covers("kms:creategrant") and not (
            _administers(resource, statement, context) or for_aws_resources(statement)
        ):
            yield (
                f"{statement.label} lets the key be granted to anybody: no condition Bool on "
                "kms:GrantIsForAWSResource." + statement.discounted("kms:grantisforawsresource")
            )


def _check_service_source(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        services = [found.value for found in statement.principals if found.kind == "service"]
        if services and not statement.names_exactly_by(*SOURCE_KEYS):
            yield (
                f"{statement.label} lets {', '.join(services)} in on behalf of any account."
                + statement.discounted(*SOURCE_KEYS)
            )


def _check_tls(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    if read(
        resource.props, RESOURCE[resource.type]
    ):  # else a resource of its own: relation-…-policy asks for it
        for action in allows_http(resource, context):
            yield f"no statement denies {action} to everyone where aws:SecureTransport is false."


def allows_http(resource: CheckedResource, context: RuleContext) -> list[str]:
    """The actions on a queue, topic or bucket that its policy doesn't deny where they come without TLS."""
    service = resource.type.removeprefix("aws:").partition("/")[0]
    denials = [found.statement for found in resource_statements(resource) if _denies_plain(found.statement)]
    about = _about(resource, service, context) if denials else []
    return [
        action
        for action in DENIED_WITHOUT_TLS[service]
        if not all(any(denial.covers(action) and denial.reaches(arn) for denial in denials) for arn in about)
        or not denials
    ]


def _about(resource: CheckedResource, service: str, context: RuleContext) -> list[str]:
    """The ARNs that a policy has to be about: of the queue or topic, of the bucket and of what is in it."""
    said = text(resource.props, NAMED_BY[resource.type]) or ""
    name = said.rpartition("/")[2].rpartition(":")[2]
    arn = context.stack.arn(service, name)
    return [arn, f"{arn}/object"] if service == "s3" else [arn]


def _denies_plain(statement: PolicyStatement) -> bool:
    return (
        not statement.allows
        and any(principal.everyone for principal in statement.principals)
        and len(statement.conditions) == 1
        and statement.conditions[0].key == "aws:securetransport"
        and statement.conditions[0].operator in {"bool", "boolifexists"}
        and statement.conditions[0].values == ("false",)
    )


RULES = (
    ResourceRule(
        id="resource-policy-public",
        severity=RuleSeverity.CRITICAL,
        types=RESOURCE_TYPES,
        title="No resource policy lets everyone in.",
        why="Anybody could send, read or decrypt.",
        fix="name the principals, or add a condition on the account or the organisation.",
        url=f"{IAM_DOCS}/reference_policies_elements_principal.html",
        references=(
            "CKV_AWS_168",
            "CKV_AWS_387",
            "F21",
            "FSBP SQS.3",
            "CKV_AWS_169",
            "F18",
            "FSBP SNS.4",
            "CKV_AWS_33",
        ),
        exceptions_allowed=False,
        check=_check_public,
    ),
    ResourceRule(
        id="resource-policy-not-principal",
        severity=RuleSeverity.HIGH,
        types=RESOURCE_TYPES,
        title="No resource policy lets in by leaving out.",
        why="An Allow with NotPrincipal lets in the rest of the world.",
        fix="name the principals with Principal.",
        url=f"{IAM_DOCS}/reference_policies_elements_notprincipal.html",
        references=("F7", "F8", "F9"),
        check=_check_not_principal,
    ),
    ResourceRule(
        id="resource-policy-wildcard-action",
        severity=RuleSeverity.HIGH,
        types=RESOURCE_TYPES,
        title="No resource policy allows every action.",
        why="Whoever may send may then also read, purge and change the policy.",
        fix="name the actions that are needed.",
        url=f"{IAM_DOCS}/reference_policies_elements_action.html",
        references=("CKV_AWS_72", "F20", "AWS-0097"),
        check=_check_wildcard_action,
    ),
    ResourceRule(
        id="resource-policy-foreign-account",
        severity=RuleSeverity.HIGH,
        types=RESOURCE_TYPES,
        title="A resource policy lets in other accounts only if the stack declares them.",
        why="Who receives payment data is decided in the stack's configuration, where it is reviewed.",
        fix="add the account to the stack's subscriberAccountIds, or remove the principal.",
        url=f"{IAM_DOCS}/reference_policies_evaluation-logic-cross-account.html",
        references=("CKV_AWS_385",),
        settings=DECLARED_ACCOUNTS,
        check=_check_foreign,
    ),
    ResourceRule(
        id="key-policy-grant",
        severity=RuleSeverity.HIGH,
        types=KEY_TYPES,
        title="A key's policy lets it be granted to AWS services only.",
        why="A grant gives the key to any principal of any account, and no policy shows it.",
        fix="add a condition Bool on kms:GrantIsForAWSResource true.",
        url="https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        check=_check_grants,
    ),
    ResourceRule(
        id="resource-policy-service-source",
        severity=RuleSeverity.MEDIUM,
        types=RESOURCE_TYPES,
        title="A resource policy lets services in on behalf of named accounts or resources only.",
        why="A service acts for every customer; without a source condition it is a confused deputy.",
        fix="add a condition on aws:SourceAccount or aws:SourceArn.",
        url=f"{IAM_DOCS}/confused-deputy.html",
        check=_check_service_source,
    ),
    ResourceRule(
        id="resource-policy-tls",
        severity=RuleSeverity.HIGH,
        types=frozenset(NAMED_BY),
        title="Queues, topics and buckets refuse what doesn't come over TLS.",
        why="Anybody on the way could read a payment or change it.",
        fix="deny everyone the actions where aws:SecureTransport is false.",
        url=(
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-"
            "practices.html"
        ),
        references=("AwsSolutions-SQS4", "AwsSolutions-SNS3", "AwsSolutions-S10", "FSBP S3.5"),
        check=_check_tls,
    ),
)
