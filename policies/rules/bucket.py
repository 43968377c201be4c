"""S3 buckets: closed to the public, encrypted with our key, in one region, with every version kept."""

from collections.abc import Iterator

from policies.keys import wrong_key
from policies.properties import Props, block, blocks, flag, text
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity

BUCKET = "aws:s3/bucket:Bucket"
BUCKETS = frozenset({BUCKET, "aws:s3/bucketV2:BucketV2"})
PUBLIC_ACCESS = frozenset({"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"})
ACCOUNT_PUBLIC_ACCESS = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
ENCRYPTIONS = frozenset(
    {
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
    }
)
VERSIONINGS = frozenset(
    {"aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2"}
)
ACLS = frozenset({"aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"})
OBJECTS = frozenset(
    {
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/objectCopy:ObjectCopy",
    }
)
WEBSITES = frozenset(
    {
        "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
        "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",
    }
)
REPLICATIONS = frozenset({"aws:s3/bucketReplicationConfig:BucketReplicationConfig"})
S3_DOCS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"

FOUR_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
OWNERS_ACLS = frozenset({"private", "bucket-owner-full-control", "bucket-owner-read"})
"""Canned ACLs that let in nobody but the owners of the bucket and the object."""
KMS = frozenset({"aws:kms", "aws:kms:dsse"})
INLINE_ENCRYPTION = ("serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations")
INLINE_DEFAULT = ("applyServerSideEncryptionByDefault", "applyServerSideEncryptionByDefaults")
INLINE_VERSIONING = ("versioning", "versionings")
INLINE_REPLICATION = ("replicationConfiguration", "replicationConfigurations")
INLINE_WEBSITE = ("website", "websites")


def inline(props: Props, keys: tuple[str, str]) -> list[Props]:
    """Return a bucket's own blocks of a kind: `Bucket` has one, `BucketV2` a list under the plural."""
    return [found for key in keys for found in blocks(props, key)]


def _check_blocks(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    where, props = "", resource.props
    if resource.type == ACCESS_POINT:
        where, nested = "publicAccessBlockConfiguration.", block(props, "publicAccessBlockConfiguration")
        if nested is None:
            return  # all four are on, and can't be changed later
        props = nested
    for key in FOUR_BLOCKS:
        if not flag(props, key):
            yield f"{where}{key} is not true."


def _check_acl(props: Props) -> Iterator[str]:
    found = text(props, "acl")
    if found is not None and found not in OWNERS_ACLS:
        yield f"acl is {found}; it must be private."
    for key in ("grants", "accessControlPolicy"):
        if blocks(props, key):
            yield f"{key} lets somebody in past the bucket's policy."


def _check_encryption(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    props = resource.props
    if resource.type in OBJECTS:
        algorithm = text(props, "serverSideEncryption")
        if algorithm is not None and algorithm not in KMS:
            yield f"serverSideEncryption is {algorithm}, past the bucket's own key."
        elif text(props, "kmsKeyId") and (wrong := wrong_key(text(props, "kmsKeyId"), context)):
            yield f"kmsKeyId is {wrong}."
        return
    if resource.type in BUCKETS:
        for configuration in inline(props, INLINE_ENCRYPTION):
            yield from _defaults([*blocks(configuration, "rule"), *blocks(configuration, "rules")], context)
    else:
        yield from _defaults(blocks(props, "rules"), context)


def _defaults(rules: list[Props], context: RuleContext) -> Iterator[str]:
    if not rules:
        yield "it has no rule, so that a key of S3's own is used."
    for rule in rules:
        default = next(iter(inline(rule, INLINE_DEFAULT)), {})
        algorithm, key = text(default, "sseAlgorithm"), text(default, "kmsMasterKeyId")
        if algorithm not in KMS:
            yield f"sseAlgorithm is {algorithm or 'not set'}; it must be aws:kms."
        elif wrong := wrong_key(key, context):
            yield f"kmsMasterKeyId is {wrong}."


def _check_versioning(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type in BUCKETS:
        for found in inline(resource.props, INLINE_VERSIONING):
            if not flag(found, "enabled"):
                yield "versioning.enabled is not true."
        return
    status = text(block(resource.props, "versioningConfiguration") or {}, "status")
    if status != "Enabled":
        yield f"versioningConfiguration.status is {status or 'not set'}; it must be Enabled."


def _check_website(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type in WEBSITES or inline(resource.props, INLINE_WEBSITE):
        yield "it publishes the bucket as a website."


def _check_replication(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type in REPLICATIONS or inline(resource.props, INLINE_REPLICATION):
        yield "it copies the bucket's objects to another bucket."


WHY_PUBLIC = "One careless policy or ACL and everybody reads what is in it."
WHY_REGION = "Payment data stays in the region and the account that its environment declares."

RULES = (
    ResourceRule(
        id="bucket-public-access",
        severity=RuleSeverity.CRITICAL,
        types=PUBLIC_ACCESS | {ACCOUNT_PUBLIC_ACCESS, ACCESS_POINT},
        title="Public access to buckets is blocked in all four ways.",
        why=WHY_PUBLIC,
        fix=f"set {', '.join(FOUR_BLOCKS)} to true.",
        url=f"{S3_DOCS}/access-control-block-public-access.html",
        references=("CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "AwsSolutions-S2", "FSBP S3.8"),
        exceptions_allowed=False,
        check=_check_blocks,
    ),
    PropertyRule(
        id="bucket-acl",
        severity=RuleSeverity.HIGH,
        types=BUCKETS | ACLS | OBJECTS,
        title="No ACL lets anybody into a bucket.",
        why="ACLs are a second set of rights that nobody looks at; the bucket's policy says who gets in.",
        fix="remove the ACL and the grants; name who gets in in the bucket's policy.",
        url=f"{S3_DOCS}/about-object-ownership.html",
        references=("CKV_AWS_20", "CKV_AWS_57", "F14", "W31", "FSBP S3.12"),
        check=_check_acl,
    ),
    ResourceRule(
        id="bucket-encryption",
        severity=RuleSeverity.HIGH,
        types=BUCKETS | ENCRYPTIONS | OBJECTS,
        title="Buckets are encrypted with a customer-managed key.",
        why="Only with a key of its own can the account say who reads the objects, and see who did.",
        fix="set sseAlgorithm to aws:kms and kmsMasterKeyId to the stack's key.",
        url=f"{S3_DOCS}/UsingKMSEncryption.html",
        references=("CKV_AWS_19", "CKV_AWS_145", "W41", "AWS-0132", "FSBP S3.17"),
        check=_check_encryption,
    ),
    ResourceRule(
        id="bucket-versioning",
        severity=RuleSeverity.MEDIUM,
        types=BUCKETS | VERSIONINGS,
        title="Buckets keep earlier versions of their objects.",
        why="What was overwritten or deleted by mistake, a stack's state for one, can be had back.",
        fix="set versioningConfiguration.status to Enabled.",
        url=f"{S3_DOCS}/Versioning.html",
        references=("CKV_AWS_21", "AWS-0090", "NIST.800.53.R5-S3BucketVersioningEnabled", "FSBP S3.14"),
        check=_check_versioning,
    ),
    ResourceRule(
        id="bucket-website",
        severity=RuleSeverity.HIGH,
        types=BUCKETS | WEBSITES,
        title="No bucket is a website.",
        why="A website's endpoint is for everybody, and answers without TLS.",
        fix="remove the website's configuration.",
        url=f"{S3_DOCS}/WebsiteHosting.html",
        check=_check_website,
    ),
    ResourceRule(
        id="bucket-replication",
        severity=RuleSeverity.HIGH,
        types=BUCKETS | REPLICATIONS,
        title="No bucket is replicated.",
        why=WHY_REGION,
        fix="remove the replication.",
        url=f"{S3_DOCS}/replication.html",
        check=_check_replication,
    ),
)
