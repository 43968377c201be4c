"""Who may be subscribed to an environment's topics."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Subscribers:
    """Declared receivers of notifications and alarms."""

    email_domains: Sequence[str]
    account_ids: Sequence[str] = ()
    """Accounts whose queues may be subscribed to a notification topic."""
