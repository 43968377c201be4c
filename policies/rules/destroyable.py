"""Destroyable: whatever a stack made goes with it; nothing stays behind that costs, leaks or blocks the next
one.
"""

from collections.abc import Iterator, Mapping

from policies.properties import Props, blocks, flag, number, text, whole
from policies.resource import CheckedResource
from policies.rule import EVERY_AWS_TYPE, PropertyRule, ResourceRule, RuleContext, RuleSeverity
from policies.rules.bucket import BUCKETS, OBJECTS

DELETION_PROTECTION = (
    "deletionProtectionEnabled",  # DynamoDB, network firewall
    "deletionProtection",  # RDS, DocumentDB, Cognito, MSK
    "enableDeletionProtection",  # load balancers
    "terminationProtection",
    "disableApiTermination",  # EC2
)
FORCE_DESTROY: Mapping[str, str] = {
    "aws:ecr/repository:Repository": "forceDelete",
    "aws:iam/user:User": "forceDestroy",
    "aws:s3/bucket:Bucket": "forceDestroy",
    "aws:s3/bucketV2:BucketV2": "forceDestroy",
    "aws:s3/directoryBucket:DirectoryBucket": "forceDestroy",
}
"""Types that AWS refuses to delete while something is in them, and the property that says to empty them
first.
"""
GO_WITH_ANOTHER = frozenset({"aws:sns/topicSubscription:TopicSubscription"})
"""Types that AWS deletes with what they belong to: a topic takes its subscriptions along."""
OBJECT_LOCKS = frozenset(
    {
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
    }
)
KEYS = frozenset({"aws:kms/key:Key", "aws:kms/externalKey:ExternalKey", "aws:kms/replicaKey:ReplicaKey"})
SHORTEST_DELETION_WINDOW = 7
"""Days; https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""


def _check_protect(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.protect:
        yield "the option protect is set."


def _check_retain(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.retain:
        yield "the option retainOnDelete is set."


def _check_deleted_with(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.deleted_with and resource.type not in GO_WITH_ANOTHER:
        yield f"the option deletedWith names {resource.deleted_with.rpartition('::')[2]}."


def _check_skip_destroy(props: Props) -> Iterator[str]:
    if flag(props, "skipDestroy"):
        yield "skipDestroy is true."


def _check_deletion_protection(props: Props) -> Iterator[str]:
    for key in DELETION_PROTECTION:
        found = props.get(key)
        active = text(props, key) == "ACTIVE" if found in {"ACTIVE", "INACTIVE"} else flag(props, key)
        if active:
            yield f"{key} is {found if isinstance(found, str) else 'true'}."


def _check_force_destroy(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    key = FORCE_DESTROY[resource.type]
    if not flag(resource.props, key):
        yield f"{key} is not true."


def _check_object_lock(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type in OBJECT_LOCKS:
        yield "it locks the bucket's objects."
    elif resource.type in OBJECTS:
        if text(resource.props, "objectLockMode"):
            yield "objectLockMode is set."
        if text(resource.props, "objectLockLegalHoldStatus") == "ON":
            yield "objectLockLegalHoldStatus is ON."
    elif flag(resource.props, "objectLockEnabled") or blocks(resource.props, "objectLockConfiguration"):
        yield "objectLockEnabled is true."


def _check_deletion_window(props: Props) -> Iterator[str]:
    days = number(props, "deletionWindowInDays")
    if days != SHORTEST_DELETION_WINDOW:
        found = "not set, which means 30" if days is None else whole(days)
        yield f"deletionWindowInDays is {found}; it must be {SHORTEST_DELETION_WINDOW}, KMS's shortest."


WHY = "An environment has to go without a trace: what stays behind costs, leaks and blocks names."
PULUMI_OPTIONS = "https://www.pulumi.com/docs/iac/concepts/options"

RULES = (
    ResourceRule(
        id="destroyable-protect",
        severity=RuleSeverity.MEDIUM,
        types=EVERY_AWS_TYPE,
        title="No resource is protected against its own stack.",
        why=WHY,
        fix="remove the option protect.",
        url=f"{PULUMI_OPTIONS}/protect/",
        check=_check_protect,
    ),
    ResourceRule(
        id="destroyable-retain",
        severity=RuleSeverity.MEDIUM,
        types=EVERY_AWS_TYPE,
        title="No resource stays behind when its stack goes.",
        why=WHY + " The engine doesn't tell a pack of this option; the check of an export sees it.",
        fix="remove the option retainOnDelete.",
        url=f"{PULUMI_OPTIONS}/retainondelete/",
        check=_check_retain,
    ),
    ResourceRule(
        id="destroyable-deleted-with",
        severity=RuleSeverity.MEDIUM,
        types=EVERY_AWS_TYPE,
        title="No resource is left to the deletion of another one that doesn't take it along.",
        why=WHY + " With this option the engine doesn't delete it; the check of an export sees the option.",
        fix="remove the option deletedWith.",
        url=f"{PULUMI_OPTIONS}/deletedwith/",
        check=_check_deleted_with,
    ),
    PropertyRule(
        id="destroyable-skip-destroy",
        severity=RuleSeverity.MEDIUM,
        types=EVERY_AWS_TYPE,
        title="No resource is left out when its stack is destroyed.",
        why=WHY,
        fix="remove skipDestroy.",
        url="https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/loggroup/",
        check=_check_skip_destroy,
    ),
    PropertyRule(
        id="destroyable-deletion-protection",
        severity=RuleSeverity.MEDIUM,
        types=EVERY_AWS_TYPE,
        title="No resource has deletion protection.",
        why=WHY + " Staging and prod keep their data by point-in-time recovery instead.",
        fix="switch deletion protection off.",
        url="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
        check=_check_deletion_protection,
    ),
    ResourceRule(
        id="destroyable-force-destroy",
        severity=RuleSeverity.MEDIUM,
        types=frozenset(FORCE_DESTROY),
        title="Resources that AWS deletes only when empty are emptied first.",
        why=WHY,
        fix="set forceDestroy (forceDelete for a repository).",
        url="https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/",
        check=_check_force_destroy,
    ),
    ResourceRule(
        id="destroyable-object-lock",
        severity=RuleSeverity.MEDIUM,
        types=BUCKETS | OBJECTS | OBJECT_LOCKS,
        title="No object is locked against being deleted.",
        why=WHY + " A locked object outlives its stack by years, and nobody can delete it.",
        fix="remove the object lock; versioning brings back what was overwritten.",
        url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
        check=_check_object_lock,
    ),
    PropertyRule(
        id="destroyable-key-window",
        severity=RuleSeverity.LOW,
        types=KEYS,
        title="A key is gone seven days after its stack, the shortest that KMS takes.",
        why=WHY,
        fix="set deletionWindowInDays to 7.",
        url="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
        check=_check_deletion_window,
    ),
)
