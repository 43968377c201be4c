"""What check, diff, create, read, update and delete mean, for a resource of any type."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from sandbox.provider import adoption, checking, state, tags
from sandbox.provider.account import Account
from sandbox.provider.call_log import about
from sandbox.provider.comparing import Change, changes, under
from sandbox.provider.errors import AWS_ERRORS, InitializationError, ProviderError, code, words
from sandbox.provider.resource import TAGS, Resource
from sandbox.provider.schema import Failure, Property
from sandbox.provider.wire import UNKNOWN, Properties, contains_unknown


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How the wanted inputs differ from the state."""

    changes: list[Change]
    delete_first: bool
    """The replacement cannot exist beside the replaced: both bear the same name."""


class Lifecycle:
    """The life of resources in one account."""

    def __init__(self, aws: Account, warn: Callable[[str, str], None] = lambda _urn, _message: None) -> None:
        self._aws = aws
        self._warn = warn
        self._claims = adoption.Claims()

    def check(
        self, kind: Resource, urn: str, olds: Properties, news: Properties, seed: bytes
    ) -> tuple[Properties, list[Failure]]:
        """The inputs to record: with defaults, a name and all tags; and all that is wrong with them."""
        self._claims.checked(urn, in_state=bool(olds))
        given = {name: value for name, value in news.items() if name != "tagsAll"}
        made_up: list[str] = []
        if kind.naming and kind.naming not in given and not kind.properties[kind.naming].required:
            previous = olds.get(kind.naming) if kind.naming in olds.get("__defaults", []) else None
            given[kind.naming] = previous or _made_up_name(urn, seed)
            made_up.append(kind.naming)
        checked, failures = checking.check(_properties(kind), given)
        checked["__defaults"] = sorted([*checked["__defaults"], *made_up])
        if kind.regional:
            region = checked.setdefault("region", self._aws.region)
            if region not in (UNKNOWN, self._aws.region):
                reason = f"the sandbox deploys to the provider's region, {self._aws.region}, not to {region}"
                failures.append(Failure("region", reason))
        if kind.taggable:
            checked["tagsAll"] = tags.merged(self._aws.default_tags, checked.get("tags"))
        if not failures and not contains_unknown(checked):
            failures.extend(Failure(path, reason) for path, reason in kind.failures(checked))
        return checked, failures

    def diff(
        self, kind: Resource, urn: str, resource_id: str, old: Properties, new: Properties, ignored: list[str]
    ) -> Difference:
        """What an update would change: the wanted inputs against the state last seen."""
        self._claims.hold(kind.urn_type, resource_id, urn)
        forced = set(kind.forced(old, new))
        found = [
            replace(change, replaces=True) if change.name in forced else change
            for change in changes({**_properties(kind), **_all_tags(kind)}, old, new)
            if not _ignored(change.path, ignored)
        ]
        own_name = kind.naming is not None and kind.naming not in new.get("__defaults", [])
        return Difference(
            changes=found,
            delete_first=own_name and new.get(str(kind.naming)) == old.get(str(kind.naming)),
        )

    def preview_create(self, kind: Resource, new: Properties) -> Properties:
        """The state as far as it can be told beforehand: what AWS will supply is unknown."""
        return state.promised(kind.properties, new)

    def preview_update(self, kind: Resource, old: Properties, new: Properties) -> Properties:
        """The state after an update, as far as it can be told beforehand."""
        changed = {change.name for change in changes(kind.properties, old, new)}
        unsettled = dict.fromkeys(kind.unsettled(changed), UNKNOWN)
        return {**old, **state.written(kind.properties, new), **unsettled}

    def create(self, kind: Resource, urn: str, new: Properties) -> tuple[str, Properties]:
        """Create the resource, or take over what an interrupted update left; its id and state.

        Raises InitializationError when it exists, but could not be completed.
        """
        label = f"creating {kind.noun} ({_label(kind, urn, new)})"
        with about(urn, new), _told(label):
            adopted = None if kind.taken else self._orphan(kind, urn, new)
            resource_id = adopted or ""
            if not resource_id:
                try:
                    resource_id = kind.create(self._aws, new)
                except ClientError as error:
                    if code(error) not in kind.taken:
                        raise
                    adopted = self._orphan(kind, urn, new)
                    if not adopted:
                        raise ProviderError(f"{label}: {words(error)}. {_advice(kind, urn)}") from error
                    resource_id = adopted
        self._claims.hold(kind.urn_type, resource_id, urn)
        try:
            with about(urn, {**new, "id": resource_id}), _told(label):
                if adopted:
                    self._warn(urn, f"{resource_id} exists already with the tags of this stack: taken over")
                    self._converge(kind, resource_id, {}, new, [])
                kind.complete(self._aws, resource_id, new)
                return resource_id, self._present(kind, resource_id, new)
        except ProviderError as error:
            remains = self._remains(kind, resource_id, new)
            raise InitializationError(resource_id, remains, new, str(error)) from error

    def read(
        self, kind: Resource, urn: str, resource_id: str, inputs: Properties, old: Properties
    ) -> tuple[Properties, Properties] | None:
        """Inputs and state as AWS has them now, or None when the resource is gone.

        Inputs keep their spelling where AWS still agrees. Without any (an import) they are all that differs
        from the defaults.
        """
        self._claims.hold(kind.urn_type, resource_id, urn)
        with about(urn, {**old, "id": resource_id}), _told(f"reading {kind.noun} ({resource_id})"):
            actual = adoption.present(kind, self._aws, resource_id)
        if actual is None:
            self._claims.release(kind.urn_type, resource_id)
            return None
        known = {**state.defaults(kind.properties), **old, **inputs}
        current = self._state(kind, resource_id, actual, known)
        found = state.inputs_from(_properties(kind), current, inputs)
        if kind.taggable:
            found["tagsAll"] = current["tagsAll"]
        found["__defaults"] = [name for name in inputs.get("__defaults", []) if name in found]
        return found, current

    def update(
        self, kind: Resource, urn: str, resource_id: str, old: Properties, new: Properties, ignored: list[str]
    ) -> Properties:
        """Bring the resource from what AWS has now to the wanted inputs; the new state."""
        self._claims.hold(kind.urn_type, resource_id, urn)
        label = f"updating {kind.noun} ({_label(kind, urn, new)})"
        with about(urn, {**old, "id": resource_id}), _told(label):
            self._converge(kind, resource_id, old, new, ignored)
            return self._present(kind, resource_id, new)

    def delete(self, kind: Resource, urn: str, resource_id: str, old: Properties) -> None:
        """Delete the resource; that it is gone already is success."""
        holder = self._claims.holder(kind.urn_type, resource_id)
        if holder not in (None, urn):
            self._warn(urn, f"{resource_id} is held by {holder} now: not deleted")
            return
        with about(urn, {**old, "id": resource_id}), _told(f"deleting {kind.noun} ({resource_id})"):
            try:
                kind.delete(self._aws, resource_id, old)
            except ClientError as error:
                if code(error) not in kind.absent:
                    raise
        self._claims.release(kind.urn_type, resource_id)

    def _orphan(self, kind: Resource, urn: str, new: Properties) -> str | None:
        return adoption.orphan(kind, self._aws, urn, new, self._claims)

    def _present(self, kind: Resource, resource_id: str, known: Properties) -> Properties:
        actual = adoption.present(kind, self._aws, resource_id)
        if actual is None:
            raise ProviderError(f"{kind.noun} ({resource_id}) is gone again right after it was written")
        return self._state(kind, resource_id, actual, known)

    def _remains(self, kind: Resource, resource_id: str, new: Properties) -> Properties:
        """The state of a resource that could not be completed, as far as it can be had."""
        try:
            return self._present(kind, resource_id, new)
        except (*AWS_ERRORS, ProviderError):
            # The update that follows reads again anyway: these only keep the resource from being replaced.
            return {**state.written(kind.properties, new), "id": resource_id}

    def _converge(
        self, kind: Resource, resource_id: str, old: Properties, new: Properties, ignored: list[str]
    ) -> None:
        """Change what differs from the wanted inputs now, whatever the state last seen was."""
        actual = adoption.present(kind, self._aws, resource_id)
        if actual is None:
            raise ProviderError(
                f"{kind.noun} ({resource_id}) does not exist any more: run `pulumi refresh`, then update"
            )
        local = {name: old[name] for name, each in kind.properties.items() if each.local and name in old}
        current = self._state(kind, resource_id, actual, {**state.defaults(kind.properties), **local})
        found = changes({**kind.properties, **_all_tags(kind)}, current, new)
        wanted = {each.name for each in found if not each.replaces and not _ignored(each.path, ignored)}
        if changed := frozenset(wanted - {"tagsAll"}):
            kind.update(self._aws, resource_id, current, new, changed)
        if "tagsAll" in wanted:
            put, drop = tags.difference(current["tagsAll"], new["tagsAll"])
            kind.retag(self._aws, current, put, drop)

    def _state(self, kind: Resource, resource_id: str, actual: Properties, known: Properties) -> Properties:
        current = {**state.settle(kind.properties, actual, known), "id": resource_id}
        if kind.taggable:
            carried = current.setdefault("tagsAll", {})
            own = tags.own(self._aws.default_tags, carried, known.get("tags"))
            if own or known.get("tags") is not None:
                current["tags"] = own
        if kind.regional:
            current["region"] = self._aws.region
        return current


def _properties(kind: Resource) -> Mapping[str, Property]:
    """What a program may write: the type's own properties, and those that every type of its sort has."""
    extra = {"region": Property(replaces=True, computed=True)} if kind.regional else {}
    return {**kind.properties, **extra, **({"tags": TAGS} if kind.taggable else {})}


def _all_tags(kind: Resource) -> Mapping[str, Property]:
    return {"tagsAll": TAGS} if kind.taggable else {}


def _ignored(path: str, ignored: list[str]) -> bool:
    names = [*ignored, *(f"tagsAll{each.removeprefix('tags')}" for each in ignored if under(each, "tags"))]
    return any(under(path, each) for each in names)


@contextmanager
def _told(label: str) -> Iterator[None]:
    """Tell AWS's errors in its own words, after what was being done."""
    try:
        yield
    except AWS_ERRORS as error:
        raise ProviderError(f"{label}: {words(error)}") from error


def _label(kind: Resource, urn: str, new: Properties) -> str:
    """What the resource is called: its physical name, its Name tag or, for want of both, its logical name."""
    name: Any = new.get(kind.naming) if kind.naming else (new.get("tagsAll") or {}).get("Name")
    return str(name or urn.rsplit("::", 1)[-1])


def _made_up_name(urn: str, seed: bytes) -> str:
    """A name as the AWS plugin makes one up: the logical name and seven hexadecimal digits."""
    return f"{urn.rsplit('::', 1)[-1]}-{hashlib.sha256(seed).hexdigest()[:7]}"


def _advice(kind: Resource, urn: str) -> str:
    logical = urn.rsplit("::", 1)[-1]
    return (
        "It was not taken over, because it does not carry the tags of this stack, or another resource of "
        "the stack has it: rename this one, delete it, or import it (`pulumi import "
        f"{kind.urn_type} {logical} ID --generate-code=false`)"
    )
