"""The exports of this project's own stacks, rendered offline with identifiers in the form that AWS gives.

The boundary of bootstrap-iam and the ARNs with paths come from the programs, as a deployment would show them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pulumi import Archive, Asset
from pulumi.runtime import mocks

from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.rendering import Recorder, configuration
from operations.rendering.program import ARTIFACT, run

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
SERVICES = {
    "aws:cloudwatch/logGroup:LogGroup": "logs:{region}:{account}:log-group:{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "aws:dynamodb/table:Table": "dynamodb:{region}:{account}:table/{name}",
    "aws:iam/policy:Policy": "iam::{account}:policy{path}{name}",
    "aws:iam/role:Role": "iam::{account}:role{path}{name}",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "iam::{account}:oidc-provider/{name}",
    "aws:kms/alias:Alias": "kms:{region}:{account}:{name}",
    "aws:kms/key:Key": "kms:{region}:{account}:key/{id}",
    "aws:lambda/function:Function": "lambda:{region}:{account}:function:{name}",
    "aws:sns/topic:Topic": "sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "sqs:{region}:{account}:{name}",
}
"""Type to the ARN of its resources, without `arn:aws:`."""


@dataclass(kw_only=True)
class AccountRecorder(Recorder):
    """A recorder that answers as an account does."""

    account: str
    answers: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """Logical name and type to id and outputs."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            return super().new_resource(args)
        digest = hashlib.sha256(args.name.encode()).hexdigest()
        named = args.inputs.get("name") or args.name
        values = {
            "region": self.region,
            "account": self.account,
            "name": named,
            "path": args.inputs.get("path") or "/",
            "id": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
        }
        kind = args.typ.rpartition(":")[2]
        template = SERVICES.get(args.typ, f"ec2:{{region}}:{{account}}:{kind.lower()}/{{id}}")
        arn = "arn:aws:" + template.format(**values)
        url = f"https://sqs.{self.region}.amazonaws.com/{self.account}/{named}"
        key_id = values["id"]
        identifier = {
            "Queue": url,
            "Key": key_id,
            "Topic": arn,
            "Policy": arn,
            "Function": named,
            "Table": named,
            "Role": named,
            "LogGroup": named,
            "MetricAlarm": named,
        }.get(kind, f"{kind.lower()}-{digest[:12]}")
        outputs = {
            "arn": arn,
            **args.inputs,
            **({"url": url} if kind == "Queue" else {}),
            **({"keyId": key_id} if kind == "Key" else {}),
            **({"name": named} if kind in {"Queue", "Topic", "Policy", "Function", "Table", "Role"} else {}),
            **({"prefixListId": f"pl-{digest[:8]}"} if kind == "VpcEndpoint" else {}),
            **({"defaultSecurityGroupId": "sg-default"} if kind == "Vpc" else {}),
        }
        self.answers[f"{args.typ}::{args.name}"] = (identifier, outputs)
        return identifier, outputs


@cache
def recorded(project: str, environment: str) -> AccountRecorder:
    """What the program of a stack registers in its account."""
    read = PROJECTS[: PROJECTS.index(project)]
    references: dict[str, Mapping[str, Any]] = {
        f"organization/{name}/{environment}": recorded(name, environment).outputs for name in read
    }
    for lower in list(ACCOUNTS)[: list(ACCOUNTS).index(environment)]:
        references[f"organization/{project}/{lower}"] = recorded(project, lower).outputs
    config = configuration(project, environment)
    recorder = AccountRecorder(
        references=references, region=config[f"{project}:region"], account=ACCOUNTS[environment]
    )
    return run(recorder, project, environment, projects=REPOSITORY / "projects", config=config, code=ARTIFACT)


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without assets and archives, which an export shows by their hash only."""
    return {name: value for name, value in values.items() if not isinstance(value, Asset | Archive)}


def export_of(project: str, environment: str, **outputs: Any) -> dict[str, Any]:
    """What `pulumi stack export` prints of a stack, with more stack `outputs`."""
    recorder = recorded(project, environment)
    stack = f"urn:pulumi:{environment}::{project}::pulumi:pulumi:Stack::{project}-{environment}"
    states: list[dict[str, Any]] = [
        {"urn": stack, "type": "pulumi:pulumi:Stack", "outputs": {**recorder.outputs, **outputs}}
    ]
    for item in recorder.resources:
        identifier, answered = recorder.answers.get(f"{item.type}::{item.name}", (item.name, {}))
        states.append(
            {
                "urn": item.urn,
                "type": item.type,
                "custom": item.custom,
                "inputs": _as_json(item.inputs),
                "outputs": _as_json(answered),
                "parent": item.parent or stack,
                "provider": item.provider,
                "propertyDependencies": {key: list(urns) for key, urns in item.property_dependencies.items()},
                "protect": item.protect,
                "retainOnDelete": item.retain_on_delete,
                "deletedWith": item.deleted_with,
                **({"id": identifier} if item.custom else {}),
            }
        )
    manifest = {"version": "v3.259.0"}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": states}}
