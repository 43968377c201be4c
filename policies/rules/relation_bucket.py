"""How buckets hang together with what protects them, which AWS keeps in resources of its own."""

from collections.abc import Iterator

from policies.document_locations import BUCKET_POLICY
from policies.properties import Props
from policies.resource import CheckedResource
from policies.rule import RuleContext, RuleSeverity, StackRule
from policies.rules.bucket import (
    BUCKETS,
    ENCRYPTIONS,
    INLINE_ENCRYPTION,
    INLINE_VERSIONING,
    PUBLIC_ACCESS,
    S3_DOCS,
    VERSIONINGS,
    WHY_PUBLIC,
    inline,
)
from policies.rules.resource_policy import allows_http


def _has(
    bucket: CheckedResource, context: RuleContext, types: frozenset[str], keys: tuple[str, str] | None
) -> bool:
    """Whether a bucket has a block of its own of a kind, or a resource of the stack that is about it."""
    props: Props = bucket.props
    return bool(keys and inline(props, keys)) or bool(
        context.graph.referring(bucket, "bucket", *sorted(types))
    )


def _check_public_access(bucket: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not _has(bucket, context, PUBLIC_ACCESS, None):
        yield "nothing of the stack blocks public access to it."


def _check_encryption(bucket: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not _has(bucket, context, ENCRYPTIONS, INLINE_ENCRYPTION):
        yield "it is encrypted with a key of S3's own."


def _check_versioning(bucket: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not _has(bucket, context, VERSIONINGS, INLINE_VERSIONING):
        yield "it keeps no earlier versions."


def _check_policy(bucket: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not context.graph.referring(bucket, "bucket", BUCKET_POLICY) and allows_http(bucket, context):
        yield "it has no policy of its own that refuses what doesn't come over TLS."


RULES = (
    StackRule(
        id="relation-bucket-public-access",
        severity=RuleSeverity.CRITICAL,
        types=BUCKETS,
        reads=PUBLIC_ACCESS,
        title="Every bucket blocks public access.",
        why=WHY_PUBLIC,
        fix="add a BucketPublicAccessBlock.",
        url=f"{S3_DOCS}/access-control-block-public-access.html",
        references=("CKV2_AWS_6", "AwsSolutions-S2", "AWS-0094", "FSBP S3.8"),
        exceptions_allowed=False,
        check=_check_public_access,
    ),
    StackRule(
        id="relation-bucket-encryption",
        severity=RuleSeverity.HIGH,
        types=BUCKETS,
        reads=ENCRYPTIONS,
        title="Every bucket says by which key it is encrypted.",
        why="Only with a key of its own can the account say who reads the objects, and see who did.",
        fix="add a BucketServerSideEncryptionConfiguration.",
        url=f"{S3_DOCS}/UsingKMSEncryption.html",
        references=("CKV_AWS_145", "AWS-0132", "FSBP S3.17"),
        check=_check_encryption,
    ),
    StackRule(
        id="relation-bucket-versioning",
        severity=RuleSeverity.MEDIUM,
        types=BUCKETS,
        reads=VERSIONINGS,
        title="Every bucket keeps earlier versions.",
        why="What was overwritten or deleted by mistake, a stack's state for one, can be had back.",
        fix="add a BucketVersioning.",
        url=f"{S3_DOCS}/Versioning.html",
        references=("CKV_AWS_21", "AWS-0090", "FSBP S3.14"),
        check=_check_versioning,
    ),
    StackRule(
        id="relation-bucket-policy",
        severity=RuleSeverity.HIGH,
        types=BUCKETS,
        reads=frozenset({BUCKET_POLICY}),
        title="Every bucket has a policy that refuses what doesn't come over TLS.",
        why="S3 answers plain HTTP: anybody on the way could read an object or change it.",
        fix="add a BucketPolicy that denies everyone s3:* where aws:SecureTransport is false.",
        url=f"{S3_DOCS}/security-best-practices.html",
        references=("AwsSolutions-S10", "FSBP S3.5"),
        check=_check_policy,
    ),
)
