"""An organisation with values of its own goes from a clone to a promoted prod, by the documented commands."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

from components.environment import LADDER
from operations import REPOSITORY
from tests.own_values.generated import OrganisationCheckout, organisation

pytestmark = pytest.mark.long
COUNT = int(os.environ.get("ORGANISATIONS", "1"))
"""How many organisations go all the way; each takes two to five minutes."""
FUNCTION = Path("functions", "payment_processor", "settings.py")


@pytest.mark.parametrize("seed", range(1, COUNT + 1))
def test_a_generated_organisation_goes_from_a_clone_to_a_promoted_prod(seed: int, tmp_path: Path) -> None:
    values = organisation(seed)
    checkout = OrganisationCheckout(REPOSITORY, tmp_path / "checkout")
    checkout.initialise(values)
    checkout.python("pytest", "-q", "-p", "no:cacheprovider", "tests/own_values/test_stack_files.py")
    checkout.enter_sandbox()  # under the policy pack
    try:
        drift = json.loads(checkout.script("drift.py --format json"))
        assert {check["status"] for check in drift["checks"].values()} == {"in-sync"}
        with (checkout.root / FUNCTION).open("a", encoding="utf-8") as file:
            file.write("\nGENERATED = True\n")
        checkout.commit("feat: change the function")
        checkout.script("deploy.py up --env dev --yes --verify")
        for upstream, target in pairwise(LADDER):
            outcome = checkout.script(f"promote.py --from {upstream} --to {target} --soak 0 --yes --json")
            assert json.loads(outcome)["outcome"]
        status = json.loads(checkout.script("promote.py status --json"))
        releases = {each["environment"]: each["release"] for each in status["environments"]}
        assert set(releases) == set(LADDER)
        assert len(set(map(str, releases.values()))) == 1
        accounts = {environment["accountId"] for environment in values["environments"].values()}
        assert all(account.startswith("0") for account in accounts)
    finally:
        checkout.leave_sandbox()
