"""The state to record: what AWS returned or will return, in the program's words where they mean the same."""

from collections.abc import Mapping

from sandbox.provider.comparing import aligned, same
from sandbox.provider.schema import Kind, Property, empty
from sandbox.provider.wire import UNKNOWN, Properties, Value, contains_unknown


def settle(properties: Mapping[str, Property], actual: Properties, known: Properties) -> Properties:
    """What AWS returned, in the words already known where they mean the same.

    A program's spelling of a document and its order of a set survive, so that comparing states by value is
    fair. Local properties are taken from what is known, whatever AWS says. What AWS only says to be empty is
    left out, as the AWS plugin does, unless it is known.
    """
    state = {
        name: value
        for name, value in actual.items()
        if value is not None and (name in known or not _unset(properties.get(name), value))
    }
    for name, each in properties.items():
        spelled = known.get(name)
        if spelled is None or contains_unknown(spelled):
            continue
        if each.local:
            state[name] = spelled if each.kind is Kind.ARCHIVE else without_internal(spelled)
        elif name in state:
            state[name] = _spelled(each, state[name], spelled)
    return state


def _unset(each: Property | None, value: Value) -> bool:
    if each is None or each.output or each.computed or each.required:
        return False
    return each.default is None and empty(value)


def _spelled(each: Property, actual: Value, known: Value) -> Value:
    if each.kind is Kind.BLOCK and isinstance(actual, dict) and isinstance(known, dict):
        if each.switch and not actual.get(each.switch) and not known.get(each.switch):
            return without_internal(known)
        return settle(each.fields, actual, known)
    if each.kind is Kind.BLOCKS and isinstance(actual, list) and isinstance(known, list):
        placed = aligned(each, actual, known) if each.unordered else actual
        known = [*known, *({} for _ in placed[len(known) :])]
        return [settle(each.fields, old, new) for old, new in zip(placed, known, strict=False)]
    if each.kind in (Kind.DOCUMENT, Kind.STRINGS) and same(each, actual, known):
        return known
    return actual


def promised(properties: Mapping[str, Property], inputs: Properties) -> Properties:
    """The state that inputs will lead to: what AWS supplies is unknown, at any depth."""
    state = written(properties, inputs)
    for name, each in properties.items():
        if name not in inputs and (each.output or each.computed):
            state[name] = UNKNOWN
        elif each.kind is Kind.BLOCK and isinstance(state.get(name), dict):
            state[name] = promised(each.fields, state[name])
    return state


def written(properties: Mapping[str, Property], inputs: Properties) -> Properties:
    """Inputs without what is internal to the engine."""
    archives = {name for name, each in properties.items() if each.kind is Kind.ARCHIVE}
    return {
        name: value if name in archives else without_internal(value)
        for name, value in inputs.items()
        if not name.startswith("__")
    }


def defaults(properties: Mapping[str, Property]) -> Properties:
    """The values that a program gets without writing anything."""
    return {name: each.default for name, each in properties.items() if each.default is not None}


def inputs_from(properties: Mapping[str, Property], state: Properties, known: Properties) -> Properties:
    """The inputs that a state stands for: as known where AWS still agrees, else as AWS has it now.

    Without known inputs (an import) they are all that differs from the defaults.
    """
    importing = not known
    inputs: Properties = {}
    for name, each in properties.items():
        value = state.get(name)
        if each.output:
            continue
        if name in known:
            if same(each, value, known[name]):
                inputs[name] = known[name]
            elif value is not None:
                inputs[name] = value
        elif not empty(value) and value != each.default and (importing or not each.computed):
            inputs[name] = without_outputs(each, value)
    return inputs


def without_outputs(each: Property, value: Value) -> Value:
    """The part of a state's value that a program can write."""
    if each.kind is Kind.BLOCK and isinstance(value, dict):
        writable = {name: field for name, field in each.fields.items() if not field.output}
        return {
            name: without_outputs(field, value[name])
            for name, field in writable.items()
            if not empty(value.get(name))
        }
    if each.kind is Kind.BLOCKS and isinstance(value, list):
        block = Property(kind=Kind.BLOCK, fields=each.fields)
        return [without_outputs(block, item) for item in value]
    return value


def without_internal(value: Value) -> Value:
    """The value without the engine's internal keys (`__defaults`) at any depth."""
    if isinstance(value, dict):
        return {key: without_internal(item) for key, item in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [without_internal(item) for item in value]
    return value
