"""The business rules of a processor, which are the same in every environment."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PaymentRules:
    """Business rules: enabled currencies with limits, near-duplicates and retention."""

    maximum_amounts: Mapping[str, int]
    """Enabled currency to the largest amount of one payment, in minor units; more is rejected for good."""
    near_duplicate_seconds: int
    """How long after a payment one of the same accounts, amount and currency is flagged; 0 for never."""
    retention_days: int
    """After how many days DynamoDB deletes a payment with its trail; 0 keeps it for ever."""
    pseudonymise_accounts: bool
    """Whether the ledger holds keyed digests in place of account references."""

    @property
    def variables(self) -> dict[str, str]:
        """The rules as the function reads them."""
        amounts = (f"{currency}:{amount}" for currency, amount in sorted(self.maximum_amounts.items()))
        return {
            "MAXIMUM_AMOUNTS": ",".join(amounts),
            "NEAR_DUPLICATE_SECONDS": str(self.near_duplicate_seconds),
            "RETENTION_DAYS": str(self.retention_days),
        }
