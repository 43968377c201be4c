"""What `pulumi_aws` itself declares of a resource type: the source of truth for names."""

import inspect
from typing import Any

import pulumi_aws

_FOLDERS = {"lambda": "lambda_"}


def _classes(token: str) -> tuple[Any, Any]:
    module = token.split(":")[1].split("/")[0]
    # Not by importing the module of the class: the SDK loads each service as a whole, once it is asked for.
    service = getattr(pulumi_aws, _FOLDERS.get(module, module))
    resource = token.rsplit(":", 1)[-1]
    return getattr(service, f"{resource}Args"), getattr(service, resource)


def _pulumi_names(owner: Any) -> set[str]:
    """The names of a class's properties as the engine sees them."""
    names = set()
    for name, member in inspect.getmembers(owner, lambda each: isinstance(each, property)):
        names.add(getattr(member.fget, "_pulumi_name", name))
    return names


def sdk_properties(token: str) -> tuple[set[str], set[str]]:
    """The names of the inputs and of the outputs of a type."""
    arguments, resource = _classes(token)
    return _pulumi_names(arguments), _pulumi_names(resource) - {
        "urn",
        "pulumi_resource_name",
        "pulumi_resource_type",
    }


def sdk_required(token: str) -> set[str]:
    """The names of the inputs without which a type cannot be made."""
    arguments, _ = _classes(token)
    signature = inspect.signature(arguments.__init__)
    required = {
        name
        for name, parameter in signature.parameters.items()
        if name not in ("self", "__self__") and parameter.default is inspect.Parameter.empty
    }
    members = dict(inspect.getmembers(arguments, lambda each: isinstance(each, property)))
    return {getattr(members[name].fget, "_pulumi_name", name) for name in required}
