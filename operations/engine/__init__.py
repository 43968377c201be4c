"""The Pulumi engine: find its CLI or build it, complete it with a language host, run its commands."""

from operations.engine.ensure import ensure_engine
from operations.engine.installation import Engine, EngineUnavailable

__all__ = ["Engine", "EngineUnavailable", "ensure_engine"]
