"""Which properties of a resource a program may set, as the SDK declares them."""

from functools import cache
from importlib import import_module

from pulumi._types import input_type_py_to_pulumi_names  # what the SDK itself translates arguments with

TELLING = {"aws:ec2/vpc:Vpc": frozenset({"dhcpOptionsId", "mainRouteTableId"})}
"""By type: properties that no program sets, and that nobody but a person changes. Of a VPC those are whom it
asks for names, and which way a subnet without routes of its own takes.
"""


@cache
def telling(type_: str) -> frozenset[str]:
    """The properties of a type that show what was done to it: those a program may set, and a few more."""
    return settable(type_) | TELLING.get(type_, frozenset())


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
