"""AWS accounts on this machine: moto, and a provider that lets the real engine deploy to it.

from sandbox import Sandbox
with Sandbox() as box:
    box.up("staging")
    box.client("lambda", "staging").list_functions()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.box import DeploymentFailed, Sandbox

__all__ = ["DeploymentFailed", "Sandbox"]


def __getattr__(name: str) -> Any:
    # Only when asked for: each of the provider's processes imports this package, and must start fast.
    if name in __all__:
        from sandbox import box

        return getattr(box, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
