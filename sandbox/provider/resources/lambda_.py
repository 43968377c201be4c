"""Lambda: functions, event source mappings, settings of asynchronous invocations."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider import archives
from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given
from sandbox.provider.schema import Kind, Property, arn, at_most, between, described, each, matching, one_of
from sandbox.provider.wire import Properties

_ABSENT = frozenset({"ResourceNotFoundException"})
_NAME = r"[a-zA-Z0-9_-]+|arn:.+"
_FUNCTION_NAME = matching(_NAME, 1, 140, "must be a function's name or ARN")

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_RUNTIME = matching(
    r"python3\.1[0-4]|nodejs2[0-4]\.x|java(11|17|21|25)|dotnet(8|10)|ruby3\.[2-4]|provided\.al20(2|23)",
    1,
    32,
    "is not a runtime that AWS accepts for new functions",
)

_DEAD_LETTER = {"targetArn": Property(required=True, rule=arn)}
_LOGGING = {
    "logFormat": Property(required=True, rule=one_of("Text", "JSON")),
    "logGroup": Property(computed=True),
    "applicationLogLevel": Property(
        computed=True, rule=one_of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
    ),
    "systemLogLevel": Property(computed=True, rule=one_of("DEBUG", "INFO", "WARN")),
}
_VPC = {
    "securityGroupIds": Property(kind=Kind.STRINGS, required=True, unordered=True),
    "subnetIds": Property(kind=Kind.STRINGS, required=True, unordered=True),
    "ipv6AllowedForDualStack": Property(kind=Kind.BOOLEAN, default=False),
    "vpcId": Property(output=True),
}

_CODE = frozenset({"code", "codeSha256", "sourceCodeHash", "architectures"})
"""A change of one of these uploads the code again."""
_OF_THE_CODE = ("codeSha256", "qualifiedArn", "qualifiedInvokeArn", "sourceCodeSize", "version")


def _block(fields: Mapping[str, Property], **options: Any) -> Property:
    return Property(kind=Kind.BLOCK, fields=fields, **options)


class Function(Resource):
    """A function from a zip archive."""

    urn_type = "aws:lambda/function:Function"
    noun = "Lambda Function"
    absent = _ABSENT
    taken = frozenset({"ResourceConflictException"})
    properties = described(
        name=Property(replaces=True, rule=_FUNCTION_NAME),
        architectures=Property(
            kind=Kind.STRINGS, computed=True, rule=each(one_of("arm64", "x86_64"), most=1)
        ),
        code=Property(kind=Kind.ARCHIVE, required=True, local=True),
        codeSha256=Property(computed=True),
        deadLetterConfig=_block(_DEAD_LETTER),
        description=Property(rule=at_most(256)),
        environment=_block({"variables": Property(kind=Kind.MAP)}),
        ephemeralStorage=_block(
            {"size": Property(kind=Kind.INTEGER, computed=True, rule=between(512, 10_240))}, computed=True
        ),
        handler=Property(rule=matching(r"\S+", 1, 128, "must not contain white space")),
        kmsKeyArn=Property(rule=arn),
        layers=Property(kind=Kind.STRINGS),
        loggingConfig=_block(_LOGGING, computed=True),
        memorySize=Property(kind=Kind.INTEGER, default=128, rule=between(128, 10_240)),
        packageType=Property(default="Zip", replaces=True, rule=one_of("Zip")),
        publish=Property(kind=Kind.BOOLEAN, default=False, local=True),
        reservedConcurrentExecutions=Property(kind=Kind.INTEGER, default=-1, rule=between(-1, 1_000_000)),
        role=Property(required=True, rule=arn),
        runtime=Property(rule=_RUNTIME),
        skipDestroy=Property(kind=Kind.BOOLEAN, default=False, local=True),
        sourceCodeHash=Property(computed=True, local=True),
        timeout=Property(kind=Kind.INTEGER, default=3, rule=between(1, 900)),
        tracingConfig=_block(
            {"mode": Property(required=True, rule=one_of("Active", "PassThrough"))}, computed=True
        ),
        vpcConfig=_block(_VPC),
        arn=Property(output=True),
        invokeArn=Property(output=True),
        lastModified=Property(output=True),
        qualifiedArn=Property(output=True),
        qualifiedInvokeArn=Property(output=True),
        signingJobArn=Property(output=True),
        signingProfileVersionArn=Property(output=True),
        sourceCodeSize=Property(kind=Kind.INTEGER, output=True),
        version=Property(output=True),
    )

    _CONFIGURATION = frozenset(
        [
            "deadLetterConfig",
            "description",
            "environment",
            "ephemeralStorage",
            "handler",
            "kmsKeyArn",
            "layers",
            "loggingConfig",
            "memorySize",
            "role",
            "runtime",
            "timeout",
            "tracingConfig",
            "vpcConfig",
        ]
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        aws.client("lambda").create_function(
            FunctionName=new["name"],
            Code={"ZipFile": archives.zip_bytes(new["code"])},
            PackageType=new["packageType"],
            Publish=new["publish"],
            Tags=dict(new["tagsAll"]),
            **given(Architectures=new.get("architectures")),
            **_parameters(new),
        )
        return str(new["name"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        aws.client("lambda").get_waiter("function_active_v2").wait(
            FunctionName=resource_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        if new["reservedConcurrentExecutions"] >= 0:
            self._reserve(aws, resource_id, new["reservedConcurrentExecutions"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [new["name"]]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        found = aws.client("lambda").get_function(FunctionName=resource_id)
        function: dict[str, Any] = found["Configuration"]
        arn = function["FunctionArn"].removesuffix(":$LATEST")
        version = function.get("Version", "$LATEST")
        qualified = f"{arn}:{version}"
        vpc = function.get("VpcConfig") or {}
        return {
            "arn": arn,
            "name": function["FunctionName"],
            "architectures": function.get("Architectures"),
            "codeSha256": function["CodeSha256"],
            "sourceCodeHash": function["CodeSha256"],
            "deadLetterConfig": given(targetArn=(function.get("DeadLetterConfig") or {}).get("TargetArn"))
            or None,
            "description": function.get("Description") or "",
            "environment": {"variables": variables}
            if (variables := function.get("Environment", {}).get("Variables"))
            else None,
            "ephemeralStorage": {"size": function.get("EphemeralStorage", {}).get("Size", 512)},
            "handler": function.get("Handler") or "",
            "invokeArn": _invoke_arn(aws, arn),
            "kmsKeyArn": function.get("KMSKeyArn") or "",
            "lastModified": function["LastModified"],
            "layers": [layer["Arn"] for layer in function.get("Layers") or []],
            "loggingConfig": _logging_of(function.get("LoggingConfig"), function["FunctionName"]),
            "memorySize": function["MemorySize"],
            "packageType": function.get("PackageType", "Zip"),
            "qualifiedArn": qualified,
            "qualifiedInvokeArn": _invoke_arn(aws, qualified),
            "reservedConcurrentExecutions": found.get("Concurrency", {}).get(
                "ReservedConcurrentExecutions", -1
            ),
            "role": function["Role"],
            "runtime": function.get("Runtime") or "",
            "signingJobArn": "",
            "signingProfileVersionArn": "",
            "sourceCodeSize": function["CodeSize"],
            "timeout": function["Timeout"],
            "tracingConfig": {"mode": (function.get("TracingConfig") or {}).get("Mode", "PassThrough")},
            "version": version,
            "vpcConfig": {
                "securityGroupIds": vpc.get("SecurityGroupIds", []),
                "subnetIds": vpc["SubnetIds"],
                "ipv6AllowedForDualStack": vpc.get("Ipv6AllowedForDualStack", False),
                "vpcId": vpc.get("VpcId", ""),
            }
            if vpc.get("SubnetIds")
            else None,
            "tagsAll": found.get("Tags", {}),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        client = aws.client("lambda")
        updated = client.get_waiter("function_updated_v2")
        if changed & self._CONFIGURATION:
            client.update_function_configuration(FunctionName=resource_id, **_parameters(new, reset=True))
            updated.wait(FunctionName=resource_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        if changed & _CODE:
            client.update_function_code(
                FunctionName=resource_id,
                ZipFile=archives.zip_bytes(new["code"]),
                Publish=new["publish"],
                **given(Architectures=new.get("architectures")),
            )
            updated.wait(FunctionName=resource_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        if "reservedConcurrentExecutions" in changed:
            self._reserve(aws, resource_id, new["reservedConcurrentExecutions"])

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        _retag(aws, state["arn"], put, drop)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        if not state.get("skipDestroy"):
            aws.client("lambda").delete_function(FunctionName=resource_id)

    @override
    def unsettled(self, changed: set[str]) -> Iterable[str]:
        if not changed & _CODE:
            return ["lastModified"] if changed else []
        # A program that gives the digest knows it beforehand.
        return [*(name for name in _OF_THE_CODE if name not in changed), "lastModified"]

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        for name in ("handler", "runtime"):
            if not new.get(name):
                yield name, f"{name} must be set when packageType is Zip"

    @staticmethod
    def _reserve(aws: Account, name: str, reserved: int) -> None:
        if reserved < 0:
            aws.client("lambda").delete_function_concurrency(FunctionName=name)
        else:
            aws.client("lambda").put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=reserved
            )


def _parameters(new: Properties, *, reset: bool = False) -> dict[str, Any]:
    """What CreateFunction and UpdateFunctionConfiguration share; `reset` clears what is wanted no more."""
    vpc, logging = new.get("vpcConfig"), new.get("loggingConfig")
    nothing: Any = {} if reset else None
    return given(
        Role=new["role"],
        Handler=new.get("handler"),
        Runtime=new.get("runtime"),
        Timeout=new["timeout"],
        MemorySize=new["memorySize"],
        Description=new.get("description", "" if reset else None),
        KMSKeyArn=new.get("kmsKeyArn", "" if reset else None),
        Layers=new.get("layers", [] if reset else None),
        Environment={"Variables": dict((new.get("environment") or {}).get("variables") or {})}
        if new.get("environment") or reset
        else None,
        DeadLetterConfig={"TargetArn": new["deadLetterConfig"]["targetArn"]}
        if new.get("deadLetterConfig")
        else nothing,
        EphemeralStorage={"Size": new["ephemeralStorage"]["size"]} if new.get("ephemeralStorage") else None,
        TracingConfig={"Mode": new["tracingConfig"]["mode"]} if new.get("tracingConfig") else None,
        LoggingConfig=given(
            LogFormat=logging["logFormat"],
            LogGroup=logging.get("logGroup"),
            ApplicationLogLevel=logging.get("applicationLogLevel"),
            SystemLogLevel=logging.get("systemLogLevel"),
        )
        if logging
        else None,
        VpcConfig={
            "SubnetIds": vpc["subnetIds"],
            "SecurityGroupIds": vpc["securityGroupIds"],
            "Ipv6AllowedForDualStack": vpc.get("ipv6AllowedForDualStack", False),
        }
        if vpc
        else ({"SubnetIds": [], "SecurityGroupIds": []} if reset else None),
    )


def _logging_of(logging: Mapping[str, Any] | None, name: str) -> Properties:
    logging = logging or {}
    return given(
        logFormat=logging.get("LogFormat", "Text"),
        logGroup=logging.get("LogGroup", f"/aws/lambda/{name}"),
        applicationLogLevel=logging.get("ApplicationLogLevel"),
        systemLogLevel=logging.get("SystemLogLevel"),
    )


def _invoke_arn(aws: Account, function_arn: str) -> str:
    """The URI by which API Gateway invokes a function."""
    path = f"path/2015-03-31/functions/{function_arn}/invocations"
    return f"arn:{aws.partition}:apigateway:{aws.region}:lambda:{path}"


def _retag(aws: Account, arn: str, put: Mapping[str, str], drop: Iterable[str]) -> None:
    if names := list(drop):
        aws.client("lambda").untag_resource(Resource=arn, TagKeys=names)
    if put:
        aws.client("lambda").tag_resource(Resource=arn, Tags=dict(put))


RESOURCES: tuple[Resource, ...] = (Function(),)
