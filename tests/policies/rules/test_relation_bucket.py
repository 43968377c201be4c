"""What the rules about relations say of which buckets, with what protects them and without."""

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    BUCKET,
    BUCKET_ENCRYPTION,
    BUCKET_POLICY,
    BUCKET_PUBLIC_ACCESS,
    BUCKET_V2,
    BUCKET_VERSIONING,
    deny_plain,
    policy,
    resource,
)
from tests.policies.engine import UNKNOWN

CASES = Cases()
PLAIN = "it has no policy of its own that refuses what doesn't come over TLS."

for rule, kind, message in (
    (
        "relation-bucket-public-access",
        BUCKET_PUBLIC_ACCESS,
        "nothing of the stack blocks public access to it.",
    ),
    ("relation-bucket-encryption", BUCKET_ENCRYPTION, "it is encrypted with a key of S3's own."),
    ("relation-bucket-versioning", BUCKET_VERSIONING, "it keeps no earlier versions."),
    ("relation-bucket-policy", BUCKET_POLICY, PLAIN),
):
    guard = resource(kind, name="guard")
    for bucket in (BUCKET, BUCKET_V2):
        (
            CASES.about_stack(rule, resource(bucket, name="bucket"), guard)
            .without("guard", message)
            .broken({"guard.bucket": "another-bucket-dev-acme"}, message)
            .broken({"guard.bucket": MISSING}, message)
            .unknown({"guard.bucket": UNKNOWN}, "guard.bucket")
        )
    made_from = guard.but(
        props={**guard.props, "bucket": UNKNOWN}, links={"bucket": (resource(BUCKET, name="bucket").urn,)}
    )
    CASES.about_stack(rule, resource(BUCKET, name="bucket"), made_from)

OURS = policy(
    {
        **deny_plain("s3:*", ""),
        "Resource": ["arn:aws:s3:::reports-bucket-dev-acme", "arn:aws:s3:::reports-bucket-dev-acme/*"],
    }
)
for rule, key, value, message in (
    (
        "relation-bucket-encryption",
        "serverSideEncryptionConfiguration",
        {"rule": {}},
        "it is encrypted with a key of S3's own.",
    ),
    ("relation-bucket-versioning", "versioning", {"enabled": True}, "it keeps no earlier versions."),
    ("relation-bucket-policy", "policy", OURS, PLAIN),
):
    alone = resource(BUCKET, name="bucket")
    (
        CASES.about_stack(rule, alone.but(props={**alone.props, key: value}))
        .broken({f"bucket.{key}": MISSING}, message)
        .broken({f"bucket.{key}": None}, message)
        .unknown({f"bucket.{key}": UNKNOWN}, key)
    )


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
