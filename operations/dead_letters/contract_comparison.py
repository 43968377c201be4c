"""Whether letters are classified by the contract that is deployed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.contract import contract_digest


@dataclass(frozen=True, kw_only=True)
class ContractComparison:
    """The digests of two contracts: of the deployed function, and of this checkout."""

    deployed: str
    """Empty where the stack was deployed before it had this output."""
    checkout: str
    release: str
    """The deployed release."""

    @property
    def is_same(self) -> bool:
        """Whether this checkout judges as the deployed function does."""
        return self.deployed == self.checkout

    @property
    def warning(self) -> str:
        """What an operator has to know; empty where the contracts are the same."""
        if self.is_same:
            return ""
        return (
            "The deployed contract is not this checkout's: a reason may be wrong. Judge by the deployed one: "
            f"check out the commit of release {self.release} and run this again there."
        )


def compare_contracts(outputs: Mapping[str, Any]) -> ContractComparison:
    """Compare a payments stack's contract with this checkout's, by the stack's outputs."""
    return ContractComparison(
        deployed=str(outputs.get("contractDigest", "")),
        checkout=contract_digest(),
        release=str(outputs.get("release", "unknown")),
    )
