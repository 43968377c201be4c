import json
from pathlib import Path

import jsonschema
import pytest

from sandbox.payments import EXPLANATIONS, Kind, payment

CONTRACT = Path(__file__).parents[2] / "functions/payment_processor/payment_request.schema.json"


@pytest.mark.parametrize("kind", Kind)
def test_all_but_a_malformed_payment_keep_the_contract(kind: Kind) -> None:
    contract = jsonschema.Draft202012Validator(json.loads(CONTRACT.read_text(encoding="utf-8")))
    bodies = [json.loads(body) for body in payment(kind, "payment-1").bodies]
    assert all(contract.is_valid(body) for body in bodies) == (kind is not Kind.MALFORMED)
    assert {body["paymentId"] for body in bodies} == {"payment-1"}


def test_a_duplicate_is_the_same_twice_and_a_conflict_is_not() -> None:
    first, second = payment(Kind.DUPLICATE, "payment-1").bodies
    assert first == second
    first, second = payment(Kind.CONFLICT, "payment-1").bodies
    assert first != second


def test_every_kind_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Kind)
