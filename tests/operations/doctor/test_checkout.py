from importlib.metadata import version

import pytest

from operations.doctor.checkout import external_ids, plugin
from operations.doctor.finding import Status

RANDOM = "q3Zt9-uWk1xVb7Rm0sYcLA"


@pytest.mark.parametrize(
    "external_id",
    ["", "payments-deployer-prod", "prod-q3Zt9-uWk1xVb7Rm0s", "aaaaaaaaaaaaaaaaaaaaaaaa", "q3Zt9-uWk1x"],
)
def test_an_external_id_that_can_be_guessed_fails(external_id: str) -> None:
    assert external_ids({"prod": external_id}, "prod").status is Status.FAILED


def test_a_random_one_of_its_own_passes_and_a_shared_one_fails() -> None:
    assert external_ids({"dev": RANDOM[::-1], "prod": RANDOM}, "prod").status is Status.PASSED
    assert external_ids({"dev": RANDOM, "prod": RANDOM}, "prod").status is Status.FAILED


def test_the_plugin_of_the_sdks_version_passes_and_any_other_fails() -> None:
    wanted = version("pulumi_aws")
    assert plugin([{"name": "aws", "version": wanted}]).status is Status.PASSED
    other = plugin([{"name": "aws", "version": "1.0.0"}])
    assert (other.status, wanted in other.fix) == (Status.FAILED, True)
    assert plugin([]).status is Status.FAILED
