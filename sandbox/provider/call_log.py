"""A log of every AWS API call, for tests that evaluate the deployer's IAM documents over real calls.

When SANDBOX_CALL_LOG names a file, each call appends one line of JSON to it:

    {"service": "sqs", "operation": "CreateQueue", "account": "111111111111", "region": "us-east-1",
     "caller": "arn:aws:sts::111111111111:assumed-role/deployer-role-dev-acme/pulumi",
     "urn": "urn:pulumi:dev::payments::aws:sqs/queue:Queue::payments-queue", "outcome": "ok",
     "needs": [{"action": "sqs:CreateQueue", "resource": "arn:…", "conditions": {…}}, …]}

`outcome` is AWS's error code when the call failed. What the log itself must look up (the tags of an existing
resource, the boundary of an existing role) is not logged.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any

from sandbox.provider.authorization import needs
from sandbox.provider.errors import AWS_ERRORS

_about: ContextVar[tuple[str, Mapping[str, Any]]] = ContextVar("about", default=("", {}))
_silent: ContextVar[bool] = ContextVar("silent", default=False)

FILE = "SANDBOX_CALL_LOG"
"""The environment variable that names the file."""


@contextmanager
def about(urn: str, properties: Mapping[str, Any]) -> Iterator[None]:
    """Calls made inside are made for this resource, whose state (or inputs) are given."""
    token = _about.set((urn, properties))
    try:
        yield
    finally:
        _about.reset(token)


@contextmanager
def unlogged() -> Iterator[None]:
    """Calls made inside are the sandbox's own business and are not logged."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


class CallLog:
    """The log of one account's calls."""

    def __init__(self, path: str, account: str, region: str, caller: str, clients: Any) -> None:
        self.account = account
        self.region = region
        self._path = path
        self._caller = caller
        self._clients = clients  # service → an unlogged client
        self._boundaries: dict[str, str | None] = {}

    def attach(self, client: Any) -> None:
        """Log the calls of a client from now on."""
        events = client.meta.events
        events.register("before-parameter-build", self._before)
        events.register("after-call", self._after)
        events.register("after-call-error", self._after)

    def _before(self, params: Any, context: dict[str, Any], event_name: str, **_kwargs: Any) -> None:
        service, operation = event_name.split(".")[1:3]
        service = _PREFIXES.get(service, service)
        if not _silent.get():
            context["sandbox_call"] = service, operation, needs(service, operation, params, self)

    def _after(self, context: dict[str, Any], parsed: Any = None, **_kwargs: Any) -> None:
        if "sandbox_call" not in context:
            return
        service, operation, needed = context["sandbox_call"]
        urn, _ = _about.get()
        error = (parsed or {}).get("Error", {}).get("Code")
        line = {
            "service": service,
            "operation": operation,
            "caller": self._caller,
            "account": self.account,
            "region": self.region,
            "urn": urn,
            "outcome": error or ("ok" if parsed is not None else "no answer"),
            "needs": [asdict(need) for need in needed],
        }
        text = json.dumps(line, default=str) + "\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, text.encode())  # one write a line: several providers share the file
        finally:
            os.close(descriptor)

    # Facts

    @property
    def about(self) -> Mapping[str, Any]:
        """The state or inputs of the resource for which the call is made."""
        return _about.get()[1]

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an existing resource; looked up for those of EC2 and KMS, whose ids tell nothing."""
        about = self.about
        if arn.endswith("*"):
            return {}
        name = arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        if arn == about.get("arn") or (name and name in (about.get("id"), about.get("name"))):
            return about.get("tagsAll") or {}
        try:
            if ":ec2:" in arn:
                filters = [{"Name": "resource-id", "Values": [name]}]
                return {
                    each["Key"]: each["Value"]
                    for each in self._clients("ec2").describe_tags(Filters=filters)["Tags"]
                }
            if ":kms:" in arn and ":key/" in arn:
                found = self._clients("kms").list_resource_tags(KeyId=arn)["Tags"]
                return {each["TagKey"]: each["TagValue"] for each in found}
        except AWS_ERRORS:
            return {}  # the resource is gone
        return {}

    def boundary(self, role: str) -> str | None:
        """The permissions boundary of an existing role."""
        try:
            found = self._clients("iam").get_role(RoleName=role)["Role"]
        except AWS_ERRORS:
            return None
        boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return str(boundary) if boundary else None


# How a botocore event spells a service, where IAM spells it otherwise.
_PREFIXES = {"cloudwatch-logs": "logs"}
