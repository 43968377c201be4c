"""KMS keys: rotated, used for what they are meant for, and not granted past their policy."""

from collections.abc import Iterator

from policies.arns import account
from policies.properties import Props, flag, number, text, texts, whole
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting

KEY = frozenset({"aws:kms/key:Key"})
REPLICAS = frozenset({"aws:kms/replicaExternalKey:ReplicaExternalKey", "aws:kms/replicaKey:ReplicaKey"})
KMS_DOCS = "https://docs.aws.amazon.com/kms/latest/developerguide"
ROTATING = "SYMMETRIC_DEFAULT"


def _check_rotation_period(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    days, most = number(resource.props, "rotationPeriodInDays"), context.number("days")
    if days is not None and days > most:
        yield f"rotationPeriodInDays is {whole(days)}; it may be {whole(most)}."


def _check_grantee(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    own = context.stack.account
    for key in ("granteePrincipal", "retiringPrincipal"):
        found = text(resource.props, key)
        if found and not _is_service(found) and account(found) != own:
            yield f"{key} is {found}, which is not of account {own}."


def _is_service(principal: str) -> bool:
    return principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _check_rotation(props: Props) -> Iterator[str]:
    spec = text(props, "customerMasterKeySpec") or ROTATING
    if spec == ROTATING and not flag(props, "enableKeyRotation"):
        yield "enableKeyRotation is not true."


def _check_lockout(props: Props) -> Iterator[str]:
    if flag(props, "bypassPolicyLockoutSafetyCheck"):
        yield "bypassPolicyLockoutSafetyCheck is true."


def _check_multi_region(props: Props) -> Iterator[str]:
    if flag(props, "multiRegion"):
        yield "multiRegion is true."


def _check_replica(_props: Props) -> Iterator[str]:
    yield "it copies a key out of its region."


def _check_grant(props: Props) -> Iterator[str]:
    if "CreateGrant" in texts(props, "operations"):
        yield "operations holds CreateGrant, so that the grantee can pass the key on."


RULES = (
    PropertyRule(
        id="key-rotation",
        severity=RuleSeverity.MEDIUM,
        types=KEY,
        title="Keys rotate.",
        why=(
            "A key that is never renewed protects more with each year, and is worth more to whoever gets at "
            "it."
        ),
        fix="set enableKeyRotation to true.",
        url=f"{KMS_DOCS}/rotate-keys.html",
        references=("CKV_AWS_7", "AwsSolutions-KMS5", "AWS-0065", "FSBP KMS.4"),
        check=_check_rotation,
    ),
    ResourceRule(
        id="key-rotation-period",
        severity=RuleSeverity.MEDIUM,
        types=KEY,
        title="Keys rotate every year.",
        why="AWS takes seven years as well, by which time a key protects all that there is.",
        fix="remove rotationPeriodInDays, which then is 365.",
        url=f"{KMS_DOCS}/rotate-keys.html",
        references=("CKV_AWS_7",),
        settings={
            "days": Setting(
                schema={"type": "number", "minimum": 90},
                default=365,
                description="The most days between two rotations.",
            )
        },
        check=_check_rotation_period,
    ),
    PropertyRule(
        id="key-lockout-check",
        severity=RuleSeverity.MEDIUM,
        types=KEY
        | {"aws:kms/keyPolicy:KeyPolicy", "aws:kms/externalKey:ExternalKey", "aws:kms/replicaKey:ReplicaKey"},
        title="A key's policy is checked for locking everybody out.",
        why="A key that nobody may administer can't be destroyed, and what it encrypts can't be saved.",
        fix="remove bypassPolicyLockoutSafetyCheck.",
        url="https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
        check=_check_lockout,
    ),
    ResourceRule(
        id="key-grant-principal",
        severity=RuleSeverity.HIGH,
        types=frozenset({"aws:kms/grant:Grant"}),
        title="Keys are granted to principals of the stack's account.",
        why="A grant to another account decrypts there, and the key's policy doesn't show it.",
        fix="name a role of the account.",
        url=f"{KMS_DOCS}/grants.html",
        references=("CKV_AWS_33",),
        check=_check_grantee,
    ),
    PropertyRule(
        id="key-multi-region",
        severity=RuleSeverity.HIGH,
        types=KEY | {"aws:kms/externalKey:ExternalKey"},
        title="A key stays in its region.",
        why="Whoever may replicate a multi-region key takes it to a region where nobody looks.",
        fix="remove multiRegion.",
        url=f"{KMS_DOCS}/multi-region-keys-overview.html",
        check=_check_multi_region,
    ),
    PropertyRule(
        id="key-replica",
        severity=RuleSeverity.HIGH,
        types=REPLICAS,
        title="No key is replicated.",
        why="A replica decrypts in another region what was encrypted in this one, under a policy of its own.",
        fix="remove it.",
        url=f"{KMS_DOCS}/multi-region-keys-overview.html",
        check=_check_replica,
    ),
    PropertyRule(
        id="key-grant",
        severity=RuleSeverity.HIGH,
        types=frozenset({"aws:kms/grant:Grant"}),
        title="A grant can't be passed on.",
        why="Grants don't show in the key's policy; one that can make others is out of control.",
        fix="remove CreateGrant from operations.",
        url=f"{KMS_DOCS}/grants.html",
        references=("CKV_AWS_33",),
        check=_check_grant,
    ),
)
