"""Alarms about the steps of an attack, which the deployer can neither change nor remove."""

from components.security_watch.watch import SecurityWatch, SecurityWatchArgs

__all__ = ["SecurityWatch", "SecurityWatchArgs"]
