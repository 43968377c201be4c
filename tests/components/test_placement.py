from components.placement import Placement
from tests.builders import parsed, placement


def test_arns_are_known_before_anything_exists() -> None:
    assert placement().arn("dynamodb", "table/t") == "arn:aws:dynamodb:us-east-1:111111111111:table/t"
    assert placement().iam_arn("role/r") == "arn:aws:iam::111111111111:role/r"


def test_a_stacks_placement_is_its_identity() -> None:
    assert Placement.of(parsed("network", "prod", region="eu-west-1")) == placement(
        "prod", region="eu-west-1"
    )
