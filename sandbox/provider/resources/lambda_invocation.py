"""Lambda: what invokes a function, and what happens when that fails."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given
from sandbox.provider.schema import Kind, Property, arn, between, described, each, matching, one_of
from sandbox.provider.wire import Properties

_ABSENT = frozenset({"ResourceNotFoundException"})
_FUNCTION_NAME = matching(r"[a-zA-Z0-9_$:-]+|arn:.+", 1, 256, "must be a function's name or ARN")
_FAILURE = {"destinationArn": Property(required=True, rule=arn)}


class EventSourceMapping(Resource):
    """A queue or stream whose messages a function receives."""

    urn_type = "aws:lambda/eventSourceMapping:EventSourceMapping"
    noun = "Lambda Event Source Mapping"
    naming = None
    absent = _ABSENT
    # Nothing is `taken`: moto, unlike AWS, maps a queue to a function twice. So one is looked for first.
    properties = described(
        functionName=Property(required=True, rule=_FUNCTION_NAME),
        eventSourceArn=Property(required=True, replaces=True, rule=arn),
        batchSize=Property(kind=Kind.INTEGER, computed=True, rule=between(1, 10_000)),
        bisectBatchOnFunctionError=Property(kind=Kind.BOOLEAN, default=False),
        enabled=Property(kind=Kind.BOOLEAN, default=True),
        filterCriteria=Property(
            kind=Kind.BLOCK,
            fields={
                "filters": Property(
                    kind=Kind.BLOCKS, unordered=True, fields={"pattern": Property(kind=Kind.DOCUMENT)}
                )
            },
        ),
        functionResponseTypes=Property(
            kind=Kind.STRINGS, unordered=True, rule=each(one_of("ReportBatchItemFailures"), most=1)
        ),
        kmsKeyArn=Property(rule=arn),
        maximumBatchingWindowInSeconds=Property(kind=Kind.INTEGER, default=0, rule=between(0, 300)),
        scalingConfig=Property(
            kind=Kind.BLOCK,
            fields={"maximumConcurrency": Property(kind=Kind.INTEGER, rule=between(2, 1000))},
        ),
        arn=Property(output=True),
        functionArn=Property(output=True),
        lastModified=Property(output=True),
        lastProcessingResult=Property(output=True),
        state=Property(output=True),
        stateTransitionReason=Property(output=True),
        uuid=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("lambda").create_event_source_mapping(
            EventSourceArn=new["eventSourceArn"], Tags=dict(new["tagsAll"]), **_parameters(new)
        )
        return str(answer["UUID"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        found = aws.client("lambda").list_event_source_mappings(EventSourceArn=new["eventSourceArn"])
        name = new["functionName"].rsplit(":", 1)[-1]
        return [
            each["UUID"] for each in found["EventSourceMappings"] if each["FunctionArn"].endswith(f":{name}")
        ]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        mapping: dict[str, Any] = aws.client("lambda").get_event_source_mapping(UUID=resource_id)
        scaling = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
        arn = aws.arn("lambda", f"event-source-mapping:{resource_id}")
        return {
            "arn": mapping.get("EventSourceMappingArn") or arn,
            "uuid": resource_id,
            "functionArn": mapping["FunctionArn"],
            "functionName": mapping["FunctionArn"],
            "eventSourceArn": mapping["EventSourceArn"],
            "batchSize": mapping["BatchSize"],
            "bisectBatchOnFunctionError": mapping.get("BisectBatchOnFunctionError", False),
            "enabled": mapping["State"] in ("Enabled", "Enabling", "Creating"),
            "filterCriteria": {"filters": [{"pattern": each["Pattern"]} for each in filters]}
            if (filters := (mapping.get("FilterCriteria") or {}).get("Filters"))
            else None,
            "functionResponseTypes": list(mapping.get("FunctionResponseTypes") or []),
            "kmsKeyArn": mapping.get("KMSKeyArn"),
            "maximumBatchingWindowInSeconds": mapping.get("MaximumBatchingWindowInSeconds") or 0,
            "scalingConfig": {"maximumConcurrency": scaling} if scaling else None,
            "lastModified": str(mapping.get("LastModified", "")),
            "lastProcessingResult": mapping.get("LastProcessingResult") or "",
            "state": mapping["State"],
            "stateTransitionReason": mapping.get("StateTransitionReason") or "",
            "tagsAll": aws.client("lambda").list_tags(Resource=mapping.get("EventSourceMappingArn") or arn)[
                "Tags"
            ],
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        aws.client("lambda").update_event_source_mapping(UUID=resource_id, **_parameters(new, reset=True))

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("lambda").untag_resource(Resource=state["arn"], TagKeys=names)
        if put:
            aws.client("lambda").tag_resource(Resource=state["arn"], Tags=dict(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("lambda").delete_event_source_mapping(UUID=resource_id)

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        if new.get("batchSize", 0) > 10 and not new["maximumBatchingWindowInSeconds"]:
            yield (
                "batchSize",
                "a batch of more than 10 messages needs a maximumBatchingWindowInSeconds of at least 1",
            )


def _parameters(new: Properties, *, reset: bool = False) -> dict[str, Any]:
    filters = (new.get("filterCriteria") or {}).get("filters")
    nothing: Any = {} if reset else None
    return given(
        FunctionName=new["functionName"],
        Enabled=new["enabled"],
        BatchSize=new.get("batchSize"),
        MaximumBatchingWindowInSeconds=new["maximumBatchingWindowInSeconds"],
        FunctionResponseTypes=new.get("functionResponseTypes", [] if reset else None),
        KMSKeyArn=new.get("kmsKeyArn", "" if reset else None),
        ScalingConfig={"MaximumConcurrency": new["scalingConfig"]["maximumConcurrency"]}
        if new.get("scalingConfig")
        else nothing,
        FilterCriteria={"Filters": [{"Pattern": each["pattern"]} for each in filters]}
        if filters
        else nothing,
        # Streams only; false is what queues have anyway, and AWS refuses it there.
        BisectBatchOnFunctionError=new["bisectBatchOnFunctionError"] or None,
    )


class FunctionEventInvokeConfig(Resource):
    """How often and how long asynchronous invocations are retried, and where failed ones go.

    Putting them twice is no error, so an interrupted update needs no adoption.
    """

    urn_type = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    noun = "Lambda Function Event Invoke Config"
    naming = None
    taggable = False
    absent = _ABSENT
    properties = described(
        functionName=Property(required=True, replaces=True, rule=_FUNCTION_NAME),
        qualifier=Property(replaces=True),
        maximumEventAgeInSeconds=Property(kind=Kind.INTEGER, rule=between(60, 21_600)),
        maximumRetryAttempts=Property(kind=Kind.INTEGER, default=2, rule=between(0, 2)),
        destinationConfig=Property(
            kind=Kind.BLOCK,
            fields={
                "onFailure": Property(
                    kind=Kind.BLOCK, fields={"destination": Property(required=True, rule=arn)}
                ),
                "onSuccess": Property(
                    kind=Kind.BLOCK, fields={"destination": Property(required=True, rule=arn)}
                ),
            },
        ),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        self._put(aws, new)
        return ":".join(filter(None, (new["functionName"], new.get("qualifier"))))

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        function, qualifier = self._subject(resource_id)
        found = aws.client("lambda").get_function_event_invoke_config(
            FunctionName=function, **given(Qualifier=qualifier)
        )
        destinations = {
            name: {"destination": destination}
            for name, key in (("onFailure", "OnFailure"), ("onSuccess", "OnSuccess"))
            if (destination := (found.get("DestinationConfig") or {}).get(key, {}).get("Destination"))
        }
        return {
            "functionName": function,
            "qualifier": qualifier,
            "maximumEventAgeInSeconds": found.get("MaximumEventAgeInSeconds"),
            "maximumRetryAttempts": found.get("MaximumRetryAttempts", 2),
            "destinationConfig": destinations or None,
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._put(aws, new)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        function, qualifier = self._subject(resource_id)
        aws.client("lambda").delete_function_event_invoke_config(
            FunctionName=function, **given(Qualifier=qualifier)
        )

    @staticmethod
    def _subject(resource_id: str) -> tuple[str, str | None]:
        """Function name or ARN, and qualifier."""
        head = 7 if resource_id.startswith("arn:") else 1
        parts = resource_id.split(":")
        return ":".join(parts[:head]), parts[head] if len(parts) > head else None

    @staticmethod
    def _put(aws: Account, new: Properties) -> None:
        destinations = {
            key: {"Destination": wanted["destination"]}
            for name, key in (("onFailure", "OnFailure"), ("onSuccess", "OnSuccess"))
            if (wanted := (new.get("destinationConfig") or {}).get(name))
        }
        aws.client("lambda").put_function_event_invoke_config(
            FunctionName=new["functionName"],
            MaximumRetryAttempts=new["maximumRetryAttempts"],
            **given(
                Qualifier=new.get("qualifier"),
                MaximumEventAgeInSeconds=new.get("maximumEventAgeInSeconds"),
                DestinationConfig=destinations or None,
            ),
        )


RESOURCES: tuple[Resource, ...] = (EventSourceMapping(), FunctionEventInvokeConfig())
