"""What a state backend has to be, as data.

It is no Pulumi stack: its own state would have to be somewhere, and a `destroy` would take all others along.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components import iam

KEEP_OLD_VERSIONS_DAYS = 90
"""How long a state can be put back that somebody overwrote or removed."""
DELETION_WINDOW_DAYS = 7
"""The shortest that KMS takes (https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html)."""


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One bucket for the stacks of all environments, since stacks read one another's outputs."""

    bucket: str
    region: str
    environments: Sequence[str]
    account_id: str = ""
    """Of the bucket and its keys; without it keys are named by aliases, which hold in their account alone."""

    @property
    def url(self) -> str:
        """What `pulumi login` and PULUMI_BACKEND_URL take."""
        return f"s3://{self.bucket}?region={self.region}&awssdk=v2"

    @property
    def state_key(self) -> str:
        """Alias of the key that encrypts the objects. S3 looks for it in the account of whoever writes."""
        return f"alias/{self.bucket}"

    def secrets_key(self, environment: str) -> str:
        """Alias of the key for the secrets in an environment's states: the state's own opens none."""
        return f"alias/{self.bucket}-secrets-{environment}"

    @property
    def secrets_provider(self) -> str:
        """What STACK_SECRETS_PROVIDER takes: the environment's name is filled in as a stack is made."""
        alias = self.secrets_key("{environment}")
        if not self.account_id:
            return f"awskms://{alias}?region={self.region}"
        # An alias alone would be looked for in the account of whoever deploys.
        return f"awskms:///arn:aws:kms:{self.region}:{self.account_id}:{alias}?region={self.region}"

    @property
    def keys(self) -> dict[str, str]:
        """Alias of each key to what it is for."""
        secrets = {self.secrets_key(each): f"Secrets in the states of {each}" for each in self.environments}
        return {self.state_key: "Encrypts Pulumi's state", **secrets}


def wanted_settings(backend: Backend) -> dict[str, Any]:
    """Each setting of the bucket, as S3's own calls have it."""
    return {
        "public access": dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        ),
        "ownership": "BucketOwnerEnforced",
        "versioning": "Enabled",
        "encryption": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": backend.state_key},
        "policy": json.loads(bucket_policy(backend.bucket)),
        "lifecycle": lifecycle(),
    }


def bucket_policy(bucket: str) -> str:
    """What nobody may do, whatever their own policies allow: those say whom the bucket lets in."""
    arn = f"arn:aws:s3:::{bucket}"
    layout, records = f"{arn}/.pulumi/meta.yaml", f"{arn}/.promotion/*"
    denied = iam.deny_insecure_transport(["s3:*"], arn).render()
    statements = [
        {**denied, "Resource": [arn, f"{arn}/*"]},
        # It says where the engine looks for states: one account could stop or mislead all others.
        _denied("LayoutIsWrittenBySetUp", ["s3:PutObject", "s3:DeleteObject"], layout),
        _denied("RecordsStay", ["s3:DeleteObject", "s3:DeleteObjectVersion"], records),
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
        {
            **_denied("RecordsAreNotOverwritten", ["s3:PutObject"], records),
            "Condition": {"Null": {"s3:if-none-match": "true"}},
        },
    ]
    return json.dumps({"Version": iam.POLICY_VERSION, "Statement": statements})


def _denied(sid: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resource}


def lifecycle() -> list[Mapping[str, Any]]:
    """Old versions go after a while; what was never uploaded whole goes soon."""
    return [
        {
            "ID": "old-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": KEEP_OLD_VERSIONS_DAYS},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
