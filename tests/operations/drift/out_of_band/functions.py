"""The function, what invokes it, and what happens when that fails."""

import base64
import hashlib
import io
import zipfile
from typing import Any

from operations.drift.report import ABSENT
from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    Shown,
    changed,
    flipped,
    gone,
    one_of,
    removed,
    tagged,
    text,
    whole,
)

FUNCTION, MAPPING = "payments-function", "payments-event-source-mapping"
INVOKE_CONFIG = "payments-function-event-invoke-config"


def _configure(place: Place, **changes: Any) -> None:
    place.client("lambda").update_function_configuration(FunctionName=place.id, **changes)


def _setting(path: str, parameter: str, draw: Any) -> Change:
    return changed(FUNCTION, path, draw, lambda place, value: _configure(place, **{parameter: value}))


def _variable(name: str, draw: Any) -> Change:
    def apply(place: Place, value: str) -> None:
        held = place.client("lambda").get_function_configuration(FunctionName=place.id)
        variables = {**held["Environment"]["Variables"], name: value}
        kept = {key: each for key, each in variables.items() if each != ABSENT}
        _configure(place, Environment={"Variables": kept})

    return changed(FUNCTION, f"environment.variables.{name}", draw, apply)


def _upload(place: Place, value: str) -> Shown:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("payment_processor/handler.py", f"# {value}")
    place.client("lambda").update_function_code(FunctionName=place.id, ZipFile=packed.getvalue())
    return Shown(codeSha256=base64.b64encode(hashlib.sha256(packed.getvalue()).digest()).decode())


def _admit(place: Place, name: str) -> Shown:
    held, group = place.outputs["vpcConfig"], place.states[name]["id"]
    groups = [*held["securityGroupIds"], group]
    _configure(place, VpcConfig={"SubnetIds": held["subnetIds"], "SecurityGroupIds": groups})
    return Shown({"vpcConfig.securityGroupIds[1]": group})


def _role(place: Place, name: str) -> Shown:
    arn = place.states[name]["arn"]
    _configure(place, Role=arn)
    return Shown(role=arn)


def _map(place: Place, **changes: Any) -> None:
    place.client("lambda").update_event_source_mapping(UUID=place.id, **changes)


def _retry(place: Place, **changes: Any) -> None:
    # moto's update sets back what is not named.
    held = place.client("lambda").get_function_event_invoke_config(FunctionName=place.id)
    kept = {name: held[name] for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")}
    place.client("lambda").update_function_event_invoke_config(FunctionName=place.id, **{**kept, **changes})


def _tags(resource: str) -> tuple[Change, ...]:
    return tagged(
        resource,
        lambda place, tags: place.client("lambda").tag_resource(Resource=place.outputs["arn"], Tags=tags),
        lambda place, names: place.client("lambda").untag_resource(
            Resource=place.outputs["arn"], TagKeys=names
        ),
    )


CHANGES: tuple[Change, ...] = (
    _setting("memorySize", "MemorySize", whole(2049, 10_240)),
    _setting("timeout", "Timeout", whole(31, 900)),
    _setting("description", "Description", text),
    _setting("handler", "Handler", text),
    _setting("runtime", "Runtime", one_of("python3.11", "python3.12")),
    changed(
        FUNCTION,
        "tracingConfig.mode",
        one_of("PassThrough"),
        lambda place, value: _configure(place, TracingConfig={"Mode": value}),
    ),
    changed(
        FUNCTION,
        "ephemeralStorage.size",
        whole(513, 10_240),
        lambda place, value: _configure(place, EphemeralStorage={"Size": value}),
    ),
    changed(
        FUNCTION,
        "loggingConfig.applicationLogLevel",
        one_of("TRACE", "FATAL"),
        lambda place, value: _configure(
            place,
            LoggingConfig={
                "LogFormat": "JSON",
                "LogGroup": place.outputs["loggingConfig"]["logGroup"],
                "ApplicationLogLevel": value,
            },
        ),
    ),
    _setting("kmsKeyArn", "KMSKeyArn", one_of("")),
    changed(FUNCTION, "deadLetterConfig", gone, lambda place, _: _configure(place, DeadLetterConfig={})),
    changed(FUNCTION, "vpcConfig.securityGroupIds", one_of("endpoint-security-group"), _admit),
    changed(FUNCTION, "role", one_of("flow-log-role", "deployer-role"), _role),
    _variable("LOG_LEVEL", one_of("DEBUG", "INFO", "ERROR")),
    _variable("MAXIMUM_AMOUNTS", text),
    _variable("SMUGGLED", text),
    _variable("NEAR_DUPLICATE_SECONDS", gone),
    changed(
        FUNCTION,
        "reservedConcurrentExecutions",
        whole(0, 9),
        lambda place, value: place.client("lambda").put_function_concurrency(
            FunctionName=place.id, ReservedConcurrentExecutions=value
        ),
    ),
    changed(FUNCTION, "codeSha256", text, _upload),
    *_tags(FUNCTION),
    removed(
        FUNCTION,
        lambda place: place.client("lambda").delete_function(FunctionName=place.id),
        INVOKE_CONFIG,
    ),
    changed(MAPPING, "batchSize", one_of(1, 5, 9), lambda place, value: _map(place, BatchSize=value)),
    changed(MAPPING, "enabled", flipped, lambda place, value: _map(place, Enabled=value)),
    changed(
        MAPPING,
        "maximumBatchingWindowInSeconds",
        whole(2, 300),
        lambda place, value: _map(place, MaximumBatchingWindowInSeconds=value),
    ),
    changed(
        MAPPING,
        "scalingConfig.maximumConcurrency",
        whole(101, 1000),
        lambda place, value: _map(place, ScalingConfig={"MaximumConcurrency": value}),
    ),
    changed(
        MAPPING,
        "functionResponseTypes[0]",
        gone,
        lambda place, _: _map(place, FunctionResponseTypes=[]),
    ),
    *_tags(MAPPING),
    removed(MAPPING, lambda place: place.client("lambda").delete_event_source_mapping(UUID=place.id)),
    changed(
        INVOKE_CONFIG,
        "maximumRetryAttempts",
        one_of(0, 1),
        lambda place, value: _retry(place, MaximumRetryAttempts=value),
    ),
    changed(
        INVOKE_CONFIG,
        "maximumEventAgeInSeconds",
        whole(60, 3599),
        lambda place, value: _retry(place, MaximumEventAgeInSeconds=value),
    ),
    removed(
        INVOKE_CONFIG,
        lambda place: place.client("lambda").delete_function_event_invoke_config(FunctionName=place.id),
    ),
)
