"""What the rules about buckets say of which bucket, and of the resources that protect it."""

import pytest

from policies.rules.bucket import ACLS, ENCRYPTIONS, OBJECTS, REPLICATIONS, VERSIONINGS, WEBSITES
from tests.policies.cases import Case, Cases
from tests.policies.compliant import (
    ACCESS_POINT,
    BUCKET,
    BUCKET_ACL,
    BUCKET_ENCRYPTION,
    BUCKET_OBJECT,
    BUCKET_PUBLIC_ACCESS,
    BUCKET_V2,
    BUCKET_VERSIONING,
    FOUR_BLOCKS,
    arn,
    resource,
)
from tests.policies.engine import Made

CASES = Cases()
KEY = arn("kms", "key/1")

ACCOUNT = Made(
    type="aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", name="account", props=FOUR_BLOCKS
)
for made in (BUCKET_PUBLIC_ACCESS, ACCOUNT):
    about = CASES.about("bucket-public-access", made)
    for key in FOUR_BLOCKS:
        about.reads(key, "true or false", f"{key} is not true.").broken({key: False}, f"{key} is not true.")
(
    CASES.about("bucket-public-access", ACCESS_POINT)
    .reads_nothing_without("publicAccessBlockConfiguration", "an object")
    .fine({"publicAccessBlockConfiguration": FOUR_BLOCKS})
    .broken(
        {"publicAccessBlockConfiguration": {**FOUR_BLOCKS, "blockPublicPolicy": False}},
        "publicAccessBlockConfiguration.blockPublicPolicy is not true.",
    )
)

EVERYBODY = {
    "type": "Group",
    "uri": "http://acs.amazonaws.com/groups/global/AllUsers",
    "permissions": ["READ"],
}
for kind in (BUCKET, BUCKET_V2, BUCKET_ACL, BUCKET_OBJECT):
    about = CASES.about("bucket-acl", kind)
    about.fine({"acl": "private"}).fine({"acl": "bucket-owner-full-control"})
    if kind == BUCKET_ACL:
        about.reads("acl", "a string")
    else:
        about.reads_nothing_without("acl", "a string")
    for acl in ("public-read", "public-read-write", "authenticated-read", "aws-exec-read", "Private"):
        about.broken({"acl": acl}, f"acl is {acl}; it must be private.")
    for key in ("grants", "accessControlPolicy"):
        about.reads_nothing_without(key, "a list").broken(
            {key: [EVERYBODY]}, f"{key} lets somebody in past the bucket's policy."
        )
for kind in sorted((ACLS | OBJECTS) - {BUCKET_ACL, BUCKET_OBJECT}):
    made = Made(type=kind, name="open", props={"acl": "private"})
    CASES.about("bucket-acl", made).broken({"acl": "public-read"}, "acl is public-read; it must be private.")

NOT_KMS = "sseAlgorithm is AES256; it must be aws:kms."
DEFAULT = "rules.0.applyServerSideEncryptionByDefault"
UNSET = "sseAlgorithm is not set; it must be aws:kms."
NO_KEY = "kmsMasterKeyId is not set."
OTHER_KEY = "arn:aws:kms:us-east-1:222222222222:key/1"
NO_RULE = "it has no rule, so that a key of S3's own is used."
(
    CASES.about("bucket-encryption", BUCKET_ENCRYPTION)
    .reads("rules", "a list", NO_RULE)
    .reads(DEFAULT, "a list", UNSET)
    .reads(f"{DEFAULT}.sseAlgorithm", "a string", UNSET)
    .reads(f"{DEFAULT}.kmsMasterKeyId", "a string", NO_KEY)
    .broken({"rules": []}, NO_RULE)
    .broken({"rules": ["text"]}, "rules must be a list of objects, but it is a string.")
    .broken({f"{DEFAULT}.sseAlgorithm": "AES256"}, NOT_KMS)
    .broken(
        {f"{DEFAULT}.kmsMasterKeyId": "alias/aws/s3"},
        "kmsMasterKeyId is alias/aws/s3, a key of AWS's own.",
    )
    .broken(
        {f"{DEFAULT}.kmsMasterKeyId": OTHER_KEY}, f"kmsMasterKeyId is {OTHER_KEY}, a key of another account."
    )
    .fine({f"{DEFAULT}.sseAlgorithm": "aws:kms:dsse"})
)
WEAK = {"sseAlgorithm": "AES256"}
OURS = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
(
    CASES.about("bucket-encryption", BUCKET)
    .reads_nothing_without("serverSideEncryptionConfiguration", "a list")
    .reads_nothing_without("serverSideEncryptionConfigurations", "a list")
    .fine({"serverSideEncryptionConfiguration": {"rule": {"applyServerSideEncryptionByDefault": OURS}}})
    .broken(
        {"serverSideEncryptionConfiguration": {"rule": {"applyServerSideEncryptionByDefault": WEAK}}}, NOT_KMS
    )
    .broken({"serverSideEncryptionConfiguration": {"rule": None}}, NO_RULE)
)
(
    CASES.about("bucket-encryption", BUCKET_V2)
    .fine(
        {"serverSideEncryptionConfigurations": [{"rules": [{"applyServerSideEncryptionByDefaults": [OURS]}]}]}
    )
    .broken(
        {
            "serverSideEncryptionConfigurations": [
                {"rules": [{"applyServerSideEncryptionByDefaults": [WEAK]}]}
            ]
        },
        NOT_KMS,
    )
)
for kind in sorted(ENCRYPTIONS - {BUCKET_ENCRYPTION}):
    props = resource(BUCKET_ENCRYPTION).props
    CASES.about("bucket-encryption", Made(type=kind, name="weak", props=props)).broken(
        {f"{DEFAULT}.sseAlgorithm": "AES256"}, NOT_KMS
    )
for kind in sorted(OBJECTS):
    (
        CASES.about("bucket-encryption", Made(type=kind, name="object", props={}))
        .reads_nothing_without("serverSideEncryption", "a string")
        .reads_nothing_without("kmsKeyId", "a string")
        .broken({"kmsKeyId": OTHER_KEY}, f"kmsKeyId is {OTHER_KEY}, a key of another account.")
        .fine({"kmsKeyId": KEY})
        .fine({"serverSideEncryption": "aws:kms"})
        .broken(
            {"serverSideEncryption": "AES256"}, "serverSideEncryption is AES256, past the bucket's own key."
        )
    )

UNVERSIONED = "versioningConfiguration.status is not set; it must be Enabled."
(
    CASES.about("bucket-versioning", BUCKET_VERSIONING)
    .reads("versioningConfiguration", "an object", UNVERSIONED)
    .reads("versioningConfiguration.status", "a string", UNVERSIONED)
)
for kind in sorted(VERSIONINGS):
    props = resource(BUCKET_VERSIONING).props
    CASES.about("bucket-versioning", Made(type=kind, name="off", props=props)).broken(
        {"versioningConfiguration.status": "Suspended"},
        "versioningConfiguration.status is Suspended; it must be Enabled.",
    )
(
    CASES.about("bucket-versioning", BUCKET)
    .reads_nothing_without("versioning", "a list")
    .reads_nothing_without("versionings", "a list")
    .fine({"versioning": {"enabled": True}})
    .broken({"versioning": {"enabled": False}}, "versioning.enabled is not true.")
    .broken({"versioning": {}}, "versioning.enabled is not true.")
)
CASES.about("bucket-versioning", BUCKET_V2).broken(
    {"versionings": [{"enabled": False}]}, "versioning.enabled is not true."
)

PUBLISHED = "it publishes the bucket as a website."
COPIED = "it copies the bucket's objects to another bucket."
for rule, keys, message, kinds in (
    ("bucket-website", ("website", "websites"), PUBLISHED, WEBSITES),
    ("bucket-replication", ("replicationConfiguration", "replicationConfigurations"), COPIED, REPLICATIONS),
):
    for kind in (BUCKET, BUCKET_V2):
        about = CASES.about(rule, kind)
        for key in keys:
            about.reads_nothing_without(key, "a list").broken({key: [{"role": "x"}]}, message)
    for kind in sorted(kinds):
        CASES.forbidden(rule, kind, message)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
