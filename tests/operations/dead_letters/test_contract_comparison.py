"""A redrive says when letters are classified by another contract than the deployed one."""

from components.contract import contract_digest
from operations.dead_letters.contract_comparison import compare_contracts


def test_the_deployed_contract_may_be_this_checkouts() -> None:
    comparison = compare_contracts({"contractDigest": contract_digest(), "release": "r-1"})
    assert (comparison.is_same, comparison.warning) == (True, "")


def test_another_contract_is_named_by_its_release() -> None:
    for outputs in ({"contractDigest": "0a", "release": "r-1"}, {"release": "r-1"}):
        comparison = compare_contracts(outputs)
        assert not comparison.is_same
        assert "release r-1" in comparison.warning
