"""Which properties of a resource a program may set, as the SDK declares them."""

from functools import cache
from importlib import import_module

from pulumi._types import input_type_py_to_pulumi_names  # what the SDK itself translates arguments with


@cache
def settable(type_: str) -> frozenset[str]:
    """The properties of a type such as `aws:sqs/queue:Queue`, `tagsAll` among them; empty if unknown."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.partition(":")
    try:
        found = import_module(f"pulumi_{package}.{module.partition('/')[0].replace('lambda', 'lambda_')}")
        arguments = getattr(found, f"{name}Args")
    except (ImportError, AttributeError):
        return frozenset()
    return frozenset({*input_type_py_to_pulumi_names(arguments).values(), "tagsAll"})
