"""The edge: reads and makes a backend through boto3."""

import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from operations.state.access import LAYOUT_FILE
from operations.state.backend import DELETION_WINDOW_DAYS, Backend
from operations.state.plan import ENABLED, Found, Key, Step

LAYOUT = b"version: 1\n"
"""What the engine writes in a bucket that has no layout yet: states by project and stack."""
_ELSEWHERE = frozenset({"301", "PermanentRedirect", "IllegalLocationConstraintException"})


class WrongPlaceError(Exception):
    """The bucket, or the caller, is not where the command was said to work."""


_NOT_SET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


class Account:
    """The account and region of the session. Its methods raise botocore's errors as they are."""

    def __init__(self, session: boto3.Session) -> None:
        self._s3, self._kms, self._sts = (session.client(name) for name in ("s3", "kms", "sts"))
        self._region = str(session.region_name)

    def id(self) -> str:
        """The account's id: 12 digits."""
        return str(self._sts.get_caller_identity()["Account"])

    def read(self, backend: Backend) -> Found:
        """What there is of a backend. A bucket of somebody else's is an error (403).

        Raises WrongPlaceError for a bucket of another region.
        """
        keys = {alias: found for alias in backend.keys if (found := self._described(alias))}
        try:
            self._s3.head_bucket(Bucket=backend.bucket)
            # Of us-east-1 the answer is nothing.
            place = self._s3.get_bucket_location(Bucket=backend.bucket).get("LocationConstraint")
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
                return Found(bucket=False, keys=keys)
            if error.response["Error"]["Code"] not in _ELSEWHERE:
                raise
            headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            place = headers.get("x-amz-bucket-region", "another region")
        if (place or "us-east-1") != self._region:
            raise WrongPlaceError(
                f"The bucket {backend.bucket} is in {place or 'us-east-1'}, not in {self._region}: "
                "correct --region."
            )
        settings = {name: self._setting(read, backend.bucket) for name, read in self._readers().items()}
        return Found(
            bucket=True,
            settings=settings,
            keys=keys,
            layout=self._holds(backend.bucket, LAYOUT_FILE),
            stacks=self._stacks(backend.bucket),
        )

    def carry_out(self, step: Step, backend: Backend) -> None:
        """Do one step."""
        match step.action:
            case "create key":
                key = self._kms.create_key(Description=step.value)["KeyMetadata"]["KeyId"]
                self._kms.enable_key_rotation(KeyId=key)
                self._kms.create_alias(AliasName=step.subject, TargetKeyId=key)
            case "restore key":
                key = self._key(step.subject)
                if step.before == "PendingDeletion":
                    self._kms.cancel_key_deletion(KeyId=key)
                self._kms.enable_key(KeyId=key)
            case "write layout":
                self._s3.put_object(Bucket=backend.bucket, Key=LAYOUT_FILE, Body=LAYOUT)
            case "rotate key":
                self._kms.enable_key_rotation(KeyId=self._key(step.subject))
            case "create bucket":
                # us-east-1 is the one region that this call does not take.
                place = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
                self._s3.create_bucket(
                    Bucket=backend.bucket, **({} if self._region == "us-east-1" else place)
                )
            case "set":
                self._set(step, backend)

    def remove(self, backend: Backend) -> None:
        """Take it all down: every version of every object, the bucket, the keys (after their window)."""
        self._s3.delete_bucket_policy(Bucket=backend.bucket)  # it lets nobody delete records
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=backend.bucket):
            doomed = [
                {"Key": each["Key"], "VersionId": each["VersionId"]}
                for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            ]
            if doomed:
                self._s3.delete_objects(Bucket=backend.bucket, Delete={"Objects": doomed, "Quiet": True})
        self._s3.delete_bucket(Bucket=backend.bucket)
        for alias in backend.keys:
            if key := self._key(alias):
                self._kms.delete_alias(AliasName=alias)
                self._kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=DELETION_WINDOW_DAYS)

    def _readers(self) -> dict[str, Callable[[str], Any]]:
        s3 = self._s3
        return {
            "public access": lambda bucket: s3.get_public_access_block(Bucket=bucket)[
                "PublicAccessBlockConfiguration"
            ],
            "ownership": lambda bucket: s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"][
                "Rules"
            ][0]["ObjectOwnership"],
            "versioning": lambda bucket: s3.get_bucket_versioning(Bucket=bucket).get("Status"),
            "encryption": lambda bucket: s3.get_bucket_encryption(Bucket=bucket)[
                "ServerSideEncryptionConfiguration"
            ]["Rules"][0]["ApplyServerSideEncryptionByDefault"],
            "policy": lambda bucket: json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]),
            "lifecycle": lambda bucket: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
        }

    def _setting(self, read: Callable[[str], Any], bucket: str) -> Any:
        try:
            return read(bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_SET:
                return None
            raise

    def _holds(self, bucket: str, key: str) -> bool:
        return bool(self._s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"))

    def _set(self, step: Step, backend: Backend) -> None:
        s3, bucket, value = self._s3, backend.bucket, step.value
        match step.subject:
            case "public access":
                s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=value)
            case "ownership":
                s3.put_bucket_ownership_controls(
                    Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": value}]}
                )
            case "versioning":
                s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": value})
            case "encryption":
                # A bucket key: one call of KMS for many objects.
                named = {**value, "KMSMasterKeyID": self._arn(backend.state_key)}
                rule = {"ApplyServerSideEncryptionByDefault": named, "BucketKeyEnabled": True}
                s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
            case "policy":
                s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(value))
            case "lifecycle":
                s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": value})

    def _key(self, alias: str) -> str | None:
        try:
            found = self._kms.describe_key(KeyId=alias)["KeyMetadata"]
        except self._kms.exceptions.NotFoundException:
            return None
        return str(found["KeyId"])

    def _arn(self, alias: str) -> str:
        return str(self._kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"])

    def _described(self, alias: str) -> Key | None:
        try:
            found = self._kms.describe_key(KeyId=alias)["KeyMetadata"]
        except self._kms.exceptions.NotFoundException:
            return None
        state = str(found["KeyState"])
        # Of a key that is not enabled KMS does not tell.
        rotated = state != ENABLED or bool(
            self._kms.get_key_rotation_status(KeyId=found["KeyId"])["KeyRotationEnabled"]
        )
        return Key(rotated=rotated, state=state, arn=str(found["Arn"]))

    def _stacks(self, bucket: str) -> dict[str, int]:
        stacks: dict[str, int] = {}
        folder = ".pulumi/stacks/"
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
            for each in page.get("Contents", []):
                if each["Key"].endswith(".json"):
                    body = json.load(self._s3.get_object(Bucket=bucket, Key=each["Key"])["Body"])
                    latest = body.get("checkpoint", {}).get("latest") or {}
                    name = each["Key"].removeprefix(folder).removesuffix(".json")
                    stacks[name] = len(latest.get("resources") or [])
        return stacks
