"""Taking over what an interrupted update left behind.

When an update is killed between AWS's answer and the engine's next write of its state, the resource exists
but the state does not know it. The AWS plugin then fails the next update with AWS's conflict error (named
resources) or leaks the resource (unnamed ones), and a person has to `pulumi import` or delete it. In the
sandbox, where an interruption is something to rehearse, the next update takes the resource over instead, if
there is no doubt whose it is:

- it has the same physical name, or, having none, the same Name tag;
- it carries every tag that the provider puts on this stack's resources, and there is at least one such tag
  (a type that AWS cannot tag must agree in every property that would replace it);
- exactly one resource fits, and no other resource of the stack has it;
- the engine's state holds no resource for this URN, or one with another id that is being replaced.

Where AWS's own create call is idempotent (CreateQueue, CreateTopic, PutMetricAlarm, ...) nothing of this is
needed.
"""

import threading

from botocore.exceptions import ClientError

from sandbox.provider.account import Account
from sandbox.provider.call_log import unlogged
from sandbox.provider.comparing import changes
from sandbox.provider.errors import code
from sandbox.provider.resource import Resource
from sandbox.provider.wire import Properties


class Claims:
    """Which URN holds which physical resource, as far as this process has been told by the engine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: dict[tuple[str, str], str] = {}
        self._in_state: set[str] = set()
        self._compared: set[str] = set()

    def checked(self, urn: str, *, in_state: bool) -> None:
        """The engine checked inputs for a URN that its state holds already, or does not."""
        if in_state:
            with self._lock:
                self._in_state.add(urn)

    def hold(self, urn_type: str, resource_id: str, urn: str) -> None:
        """The URN holds the resource: the engine said so, or it was just created."""
        with self._lock:
            self._holders[urn_type, resource_id] = urn
            self._compared.add(urn)

    def take(self, urn_type: str, resource_id: str, urn: str) -> bool:
        """Let the URN hold a resource that nobody holds; whether that is so."""
        with self._lock:
            return self._holders.setdefault((urn_type, resource_id), urn) == urn

    def holder(self, urn_type: str, resource_id: str) -> str | None:
        """The URN that holds the resource, if known."""
        with self._lock:
            return self._holders.get((urn_type, resource_id))

    def release(self, urn_type: str, resource_id: str) -> None:
        """The resource is gone."""
        with self._lock:
            self._holders.pop((urn_type, resource_id), None)

    def may_adopt(self, urn: str) -> bool:
        """Whether what the URN holds cannot be mistaken for an orphan: it holds nothing, or a known id."""
        with self._lock:
            return urn not in self._in_state or urn in self._compared


def present(kind: Resource, aws: Account, resource_id: str) -> Properties | None:
    """The state that AWS holds, or None when it says that there is none."""
    try:
        return kind.read(aws, resource_id)
    except ClientError as error:
        if code(error) in kind.absent:
            return None
        raise


def orphan(kind: Resource, aws: Account, urn: str, new: Properties, claims: Claims) -> str | None:
    """The id of the one resource that an interrupted update must have left for these inputs, or None."""
    if not claims.may_adopt(urn):
        return None
    with unlogged():  # the AWS plugin makes no such calls, so nobody needs the right to them
        found = [
            candidate
            for candidate in _existing(kind, aws, new)
            if claims.holder(kind.urn_type, candidate) is None and _is_ours(kind, aws, candidate, new)
        ]
    if len(found) == 1 and claims.take(kind.urn_type, found[0], urn):
        return found[0]
    return None


def _existing(kind: Resource, aws: Account, new: Properties) -> list[str]:
    try:
        return list(kind.candidates(aws, new))
    except ClientError as error:
        if code(error) in kind.absent:
            return []
        raise


def _is_ours(kind: Resource, aws: Account, candidate: str, new: Properties) -> bool:
    actual = present(kind, aws, candidate)
    if actual is None or any(change.replaces for change in changes(kind.properties, actual, new)):
        return False
    if not kind.taggable:
        return True
    tags = actual.get("tagsAll", {})
    wanted = {**aws.default_tags, **({} if kind.naming else {"Name": new["tagsAll"].get("Name")})}
    return bool(aws.default_tags) and all(tags.get(name) == text for name, text in wanted.items())
