"""KMS: keys and aliases."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.schema import Kind, Property, at_most, between, described, matching, one_of
from sandbox.provider.wire import Properties

_ABSENT = frozenset({"NotFoundException"})
# https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-KeySpec
_KEY_SPECS = (
    "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384",
    "ECC_NIST_P521", "ECC_SECG_P256K1", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2",
)  # fmt: skip


def _tags(aws: Account, key: str) -> dict[str, str]:
    return tag_map(aws.client("kms").list_resource_tags(KeyId=key)["Tags"], "TagKey", "TagValue")


class Key(Resource):
    """A customer-managed key. Deleting one schedules its deletion; it counts as gone from then on."""

    urn_type = "aws:kms/key:Key"
    noun = "KMS Key"
    naming = None
    absent = frozenset({"NotFoundException", "KMSInvalidStateException"})
    properties = described(
        description=Property(computed=True, rule=at_most(8192)),
        policy=Property(kind=Kind.DOCUMENT, computed=True),
        enableKeyRotation=Property(kind=Kind.BOOLEAN, default=False),
        rotationPeriodInDays=Property(kind=Kind.INTEGER, computed=True, rule=between(90, 2560)),
        deletionWindowInDays=Property(kind=Kind.INTEGER, local=True, rule=between(7, 30)),
        isEnabled=Property(kind=Kind.BOOLEAN, default=True),
        keyUsage=Property(
            default="ENCRYPT_DECRYPT",
            replaces=True,
            rule=one_of("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"),
        ),
        customerMasterKeySpec=Property(default="SYMMETRIC_DEFAULT", replaces=True, rule=one_of(*_KEY_SPECS)),
        multiRegion=Property(kind=Kind.BOOLEAN, computed=True, replaces=True),
        bypassPolicyLockoutSafetyCheck=Property(kind=Kind.BOOLEAN, default=False, local=True),
        arn=Property(output=True),
        keyId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("kms").create_key(
            KeyUsage=new["keyUsage"],
            KeySpec=new["customerMasterKeySpec"],
            BypassPolicyLockoutSafetyCheck=new["bypassPolicyLockoutSafetyCheck"],
            Tags=tag_list(new["tagsAll"], "TagKey", "TagValue"),
            **given(
                Description=new.get("description"),
                Policy=new.get("policy"),
                MultiRegion=new.get("multiRegion"),
            ),
        )
        return str(answer["KeyMetadata"]["KeyId"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        if new["enableKeyRotation"]:
            self._rotate(aws, resource_id, new)
        if not new["isEnabled"]:
            aws.client("kms").disable_key(KeyId=resource_id)

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        name = new["tagsAll"].get("Name")
        if not name:
            return
        for page in aws.client("kms").get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                if _tags(aws, key["KeyId"]).get("Name") == name:
                    yield key["KeyId"]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        kms = aws.client("kms")
        key: dict[str, Any] = kms.describe_key(KeyId=resource_id)["KeyMetadata"]
        if key["KeyState"] == "PendingDeletion":
            return None
        rotation = kms.get_key_rotation_status(KeyId=resource_id)
        return {
            "arn": key["Arn"],
            "keyId": key["KeyId"],
            "description": key.get("Description") or "",
            "isEnabled": key["Enabled"],
            "keyUsage": key["KeyUsage"],
            "customerMasterKeySpec": key["KeySpec"],
            "multiRegion": key.get("MultiRegion", False),
            "policy": kms.get_key_policy(KeyId=resource_id, PolicyName="default")["Policy"],
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
            "tagsAll": _tags(aws, resource_id),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        kms = aws.client("kms")
        if "isEnabled" in changed and new["isEnabled"]:
            kms.enable_key(KeyId=resource_id)  # first: a disabled key refuses what follows
        if changed & {"enableKeyRotation", "rotationPeriodInDays"}:
            if new["enableKeyRotation"]:
                self._rotate(aws, resource_id, new)
            else:
                kms.disable_key_rotation(KeyId=resource_id)
        if "description" in changed:
            kms.update_key_description(KeyId=resource_id, Description=new.get("description") or "")
        if "policy" in changed:
            kms.put_key_policy(KeyId=resource_id, PolicyName="default", Policy=new["policy"])
        if "isEnabled" in changed and not new["isEnabled"]:
            kms.disable_key(KeyId=resource_id)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("kms").untag_resource(KeyId=state["id"], TagKeys=names)
        if put:
            aws.client("kms").tag_resource(KeyId=state["id"], Tags=tag_list(put, "TagKey", "TagValue"))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        kms = aws.client("kms")
        if kms.describe_key(KeyId=resource_id)["KeyMetadata"]["KeyState"] != "PendingDeletion":
            window = given(PendingWindowInDays=state.get("deletionWindowInDays"))
            kms.schedule_key_deletion(KeyId=resource_id, **window)

    @staticmethod
    def _rotate(aws: Account, resource_id: str, new: Properties) -> None:
        period = given(RotationPeriodInDays=new.get("rotationPeriodInDays"))
        aws.client("kms").enable_key_rotation(KeyId=resource_id, **period)


class Alias(Resource):
    """A key's name. AWS cannot tag an alias: whose it is shows in the tags of the key that it names."""

    urn_type = "aws:kms/alias:Alias"
    noun = "KMS Alias"
    taggable = False
    absent = _ABSENT
    taken = frozenset({"AlreadyExistsException"})
    properties = described(
        name=Property(
            replaces=True,
            rule=matching(
                r"alias/[a-zA-Z0-9/_-]+",
                7,
                256,
                'must begin with "alias/" and contain only [0-9A-Za-z_/-] after it',
            ),
        ),
        targetKeyId=Property(required=True),
        arn=Property(output=True),
        targetKeyArn=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        aws.client("kms").create_alias(AliasName=new["name"], TargetKeyId=new["targetKeyId"])
        return str(new["name"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        found = self.read(aws, new["name"])
        if found and aws.default_tags.items() <= _tags(aws, found["targetKeyId"]).items():
            yield new["name"]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        for page in aws.client("kms").get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == resource_id and alias.get("TargetKeyId"):
                    return {
                        "name": resource_id,
                        "arn": alias["AliasArn"],
                        "targetKeyId": alias["TargetKeyId"],
                        "targetKeyArn": aws.arn("kms", f"key/{alias['TargetKeyId']}"),
                    }
        return None

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        aws.client("kms").update_alias(AliasName=resource_id, TargetKeyId=new["targetKeyId"])

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("kms").delete_alias(AliasName=resource_id)


RESOURCES: tuple[Resource, ...] = (Key(), Alias())
