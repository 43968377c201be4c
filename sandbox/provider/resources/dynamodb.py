"""DynamoDB: tables."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.schema import Kind, Property, arn, between, described, matching, one_of
from sandbox.provider.wire import Properties

_INDEX = {
    "name": Property(required=True),
    "hashKey": Property(computed=True),
    "rangeKey": Property(computed=True),
    "keySchemas": Property(
        kind=Kind.BLOCKS,
        computed=True,
        fields={
            "attributeName": Property(required=True),
            "keyType": Property(required=True, rule=one_of("HASH", "RANGE")),
        },
    ),
    "projectionType": Property(required=True, rule=one_of("ALL", "INCLUDE", "KEYS_ONLY")),
    "nonKeyAttributes": Property(kind=Kind.STRINGS, unordered=True),
    "readCapacity": Property(kind=Kind.INTEGER, computed=True),
    "writeCapacity": Property(kind=Kind.INTEGER, computed=True),
}


class Table(Resource):
    """A table, with its encryption, recovery, time to live and stream."""

    urn_type = "aws:dynamodb/table:Table"
    noun = "DynamoDB Table"
    absent = frozenset({"ResourceNotFoundException"})
    taken = frozenset({"ResourceInUseException"})
    properties = described(
        name=Property(
            replaces=True,
            rule=matching(r"[a-zA-Z0-9_.-]+", 3, 255, "must contain only alphanumeric characters, _ . and -"),
        ),
        attributes=Property(
            kind=Kind.BLOCKS,
            computed=True,
            unordered=True,
            replaces=True,  # they are those of the keys, which cannot be changed
            fields={
                "name": Property(required=True),
                "type": Property(required=True, rule=one_of("B", "N", "S")),
            },
        ),
        billingMode=Property(default="PROVISIONED", rule=one_of("PROVISIONED", "PAY_PER_REQUEST")),
        deletionProtectionEnabled=Property(kind=Kind.BOOLEAN, default=False),
        globalSecondaryIndexes=Property(kind=Kind.BLOCKS, unordered=True, replaces=True, fields=_INDEX),
        hashKey=Property(computed=True, replaces=True),
        pointInTimeRecovery=Property(
            kind=Kind.BLOCK,
            computed=True,
            fields={
                "enabled": Property(kind=Kind.BOOLEAN, required=True),
                "recoveryPeriodInDays": Property(kind=Kind.INTEGER, computed=True, rule=between(1, 35)),
            },
        ),
        rangeKey=Property(replaces=True),
        readCapacity=Property(kind=Kind.INTEGER, computed=True),
        serverSideEncryption=Property(
            kind=Kind.BLOCK,
            computed=True,
            fields={
                "enabled": Property(kind=Kind.BOOLEAN, required=True),
                "kmsKeyArn": Property(computed=True, rule=arn),
            },
        ),
        streamEnabled=Property(kind=Kind.BOOLEAN),
        streamViewType=Property(
            computed=True, rule=one_of("", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")
        ),
        ttl=Property(
            kind=Kind.BLOCK,
            computed=True,
            switch="enabled",
            fields={"attributeName": Property(), "enabled": Property(kind=Kind.BOOLEAN, default=False)},
        ),
        writeCapacity=Property(kind=Kind.INTEGER, computed=True),
        arn=Property(output=True),
        streamArn=Property(output=True),
        streamLabel=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        on_demand = new["billingMode"] == "PAY_PER_REQUEST"
        stream = {"StreamEnabled": True, "StreamViewType": new.get("streamViewType")}
        aws.client("dynamodb").create_table(
            TableName=new["name"],
            BillingMode=new["billingMode"],
            KeySchema=_keys(new),
            AttributeDefinitions=[
                {"AttributeName": each["name"], "AttributeType": each["type"]}
                for each in new.get("attributes") or []
            ],
            DeletionProtectionEnabled=new["deletionProtectionEnabled"],
            Tags=tag_list(new["tagsAll"]),
            **given(
                ProvisionedThroughput=None if on_demand else _throughput(new),
                SSESpecification=_encryption(new.get("serverSideEncryption")),
                StreamSpecification=stream if new.get("streamEnabled") else None,
                GlobalSecondaryIndexes=[
                    _index(each, on_demand=on_demand) for each in new.get("globalSecondaryIndexes") or []
                ]
                or None,
            ),
        )
        return str(new["name"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        self._settled(aws, resource_id)
        if new.get("pointInTimeRecovery"):
            self._recover(aws, resource_id, new["pointInTimeRecovery"])
        if (new.get("ttl") or {}).get("enabled"):
            described = aws.client("dynamodb").describe_time_to_live(TableName=resource_id)
            # An interrupted update may have switched it on already.
            if described["TimeToLiveDescription"]["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
                self._expire(aws, resource_id, new["ttl"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [new["name"]]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        dynamodb = aws.client("dynamodb")
        table: dict[str, Any] = dynamodb.describe_table(TableName=resource_id)["Table"]
        keys = {each["KeyType"]: each["AttributeName"] for each in table["KeySchema"]}
        backups = dynamodb.describe_continuous_backups(TableName=resource_id)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]
        ttl = dynamodb.describe_time_to_live(TableName=resource_id)["TimeToLiveDescription"]
        encryption = table.get("SSEDescription", {})
        stream = table.get("StreamSpecification", {})
        throughput = table.get("ProvisionedThroughput", {})
        return {
            "arn": table["TableArn"],
            "name": table["TableName"],
            "attributes": [
                {"name": each["AttributeName"], "type": each["AttributeType"]}
                for each in sorted(table["AttributeDefinitions"], key=lambda each: str(each["AttributeName"]))
            ],
            "billingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
            "globalSecondaryIndexes": [_index_of(each) for each in table.get("GlobalSecondaryIndexes", [])],
            "hashKey": keys["HASH"],
            "rangeKey": keys.get("RANGE"),
            "pointInTimeRecovery": given(
                enabled=recovery["PointInTimeRecoveryStatus"] == "ENABLED",
                recoveryPeriodInDays=recovery.get("RecoveryPeriodInDays"),
            ),
            "readCapacity": throughput.get("ReadCapacityUnits", 0),
            "writeCapacity": throughput.get("WriteCapacityUnits", 0),
            "serverSideEncryption": given(
                enabled=encryption.get("Status") in ("ENABLED", "ENABLING", "UPDATING"),
                kmsKeyArn=encryption.get("KMSMasterKeyArn"),
            )
            if encryption
            else None,
            "streamArn": table.get("LatestStreamArn") or "",
            "streamEnabled": stream.get("StreamEnabled", False),
            "streamLabel": table.get("LatestStreamLabel") or "",
            "streamViewType": stream.get("StreamViewType") or "",
            "ttl": {"attributeName": ttl["AttributeName"], "enabled": True}
            if ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
            else {"enabled": False},
            "tagsAll": tag_map(dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        dynamodb = aws.client("dynamodb")
        # UpdateTable changes one aspect at a time.
        if changed & {"billingMode", "readCapacity", "writeCapacity"}:
            throughput = None if new["billingMode"] == "PAY_PER_REQUEST" else _throughput(new)
            mode = given(BillingMode=new["billingMode"], ProvisionedThroughput=throughput)
            dynamodb.update_table(TableName=resource_id, **mode)
        if changed & {"streamEnabled", "streamViewType"}:
            enabled = bool(new.get("streamEnabled"))
            view = given(StreamViewType=new.get("streamViewType") if enabled else None)
            dynamodb.update_table(
                TableName=resource_id, StreamSpecification={"StreamEnabled": enabled, **view}
            )
        if "serverSideEncryption" in changed:
            specification = _encryption(new.get("serverSideEncryption")) or {"Enabled": False}
            dynamodb.update_table(TableName=resource_id, SSESpecification=specification)
        if "deletionProtectionEnabled" in changed:
            dynamodb.update_table(
                TableName=resource_id, DeletionProtectionEnabled=new["deletionProtectionEnabled"]
            )
        if "pointInTimeRecovery" in changed:
            self._recover(aws, resource_id, new["pointInTimeRecovery"])
        if "ttl" in changed:
            self._expire(aws, resource_id, {**old.get("ttl", {}), **new["ttl"]})
        self._settled(aws, resource_id)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("dynamodb").untag_resource(ResourceArn=state["arn"], TagKeys=names)
        if put:
            aws.client("dynamodb").tag_resource(ResourceArn=state["arn"], Tags=tag_list(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("dynamodb").delete_table(TableName=resource_id)
        # moto deletes at once: the waiter's first look finds nothing and costs one call.
        aws.client("dynamodb").get_waiter("table_not_exists").wait(
            TableName=resource_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        if not new.get("hashKey"):
            yield (
                "hashKey",
                'Missing required argument. The argument "hashKey" is required, but no definition was found.',
            )
            return
        indexed = {new["hashKey"], new.get("rangeKey")}
        for index in new.get("globalSecondaryIndexes") or []:
            if not index.get("hashKey") and not index.get("keySchemas"):
                yield (
                    "globalSecondaryIndexes",
                    f"index {index['name']}: one of hashKey or keySchemas is required",
                )
                return
            indexed |= {key["AttributeName"] for key in _index_keys(index)}
        defined = {each["name"] for each in new.get("attributes") or []}
        if missing := sorted(indexed - defined - {None}):
            yield "attributes", f"all indexes must match a defined attribute. Unmatched indexes: {missing}"
        elif unused := sorted(defined - indexed):
            yield "attributes", f"all attributes must be indexed. Unused attributes: {unused}"
        capacity = [name for name in ("readCapacity", "writeCapacity") if new.get(name)]
        if new["billingMode"] == "PAY_PER_REQUEST" and capacity:
            yield capacity[0], f"{capacity[0]} cannot be set when billingMode is PAY_PER_REQUEST"

    @staticmethod
    def _settled(aws: Account, table: str) -> None:
        aws.client("dynamodb").get_waiter("table_exists").wait(
            TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    @staticmethod
    def _recover(aws: Account, table: str, wanted: Properties) -> None:
        specification = given(
            PointInTimeRecoveryEnabled=wanted["enabled"],
            RecoveryPeriodInDays=wanted.get("recoveryPeriodInDays") if wanted["enabled"] else None,
        )
        aws.client("dynamodb").update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification=specification
        )

    @staticmethod
    def _expire(aws: Account, table: str, wanted: Properties) -> None:
        aws.client("dynamodb").update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={
                "AttributeName": wanted.get("attributeName", ""),
                "Enabled": bool(wanted.get("enabled")),
            },
        )


def _keys(keyed: Mapping[str, Any]) -> list[dict[str, str]]:
    keys = [{"AttributeName": keyed["hashKey"], "KeyType": "HASH"}]
    if keyed.get("rangeKey"):
        keys.append({"AttributeName": keyed["rangeKey"], "KeyType": "RANGE"})
    return keys


def _index_keys(index: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the key schema of an index, which may be declared in the older form or in the newer one."""
    return [
        {"AttributeName": key["attributeName"], "KeyType": key["keyType"]}
        for key in index.get("keySchemas") or []
    ] or _keys(index)


def _throughput(each: Mapping[str, Any]) -> dict[str, int]:
    return {
        "ReadCapacityUnits": each.get("readCapacity") or 1,
        "WriteCapacityUnits": each.get("writeCapacity") or 1,
    }


def _encryption(wanted: Mapping[str, Any] | None) -> dict[str, object] | None:
    if not wanted or not wanted.get("enabled"):
        return None
    key = wanted.get("kmsKeyArn")
    return {"Enabled": True, "SSEType": "KMS", **given(KMSMasterKeyId=key)}


def _index(index: Mapping[str, Any], *, on_demand: bool) -> dict[str, Any]:
    return {
        "IndexName": index["name"],
        "KeySchema": _index_keys(index),
        "Projection": given(
            ProjectionType=index["projectionType"], NonKeyAttributes=index.get("nonKeyAttributes")
        ),
        **given(ProvisionedThroughput=None if on_demand else _throughput(index)),
    }


def _index_of(index: Mapping[str, Any]) -> Properties:
    keys = {each["KeyType"]: each["AttributeName"] for each in index["KeySchema"]}
    return given(
        name=index["IndexName"],
        hashKey=keys["HASH"],
        rangeKey=keys.get("RANGE"),
        keySchemas=[
            {"attributeName": each["AttributeName"], "keyType": each["KeyType"]}
            for each in index["KeySchema"]
        ],
        projectionType=index["Projection"]["ProjectionType"],
        nonKeyAttributes=index["Projection"].get("NonKeyAttributes"),
        readCapacity=index.get("ProvisionedThroughput", {}).get("ReadCapacityUnits", 0),
        writeCapacity=index.get("ProvisionedThroughput", {}).get("WriteCapacityUnits", 0),
    )


RESOURCES: tuple[Resource, ...] = (Table(),)
