import json

import pytest

from components import iam


def rendered(**changed: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "sid": "Read",
        "actions": ["sqs:ReceiveMessage"],
        "resources": ["arn:q"],
        **changed,
    }
    return iam.Statement(**fields).render()  # type: ignore[arg-type]  # one test, one field


def test_a_statement_is_rendered_as_iam_reads_it() -> None:
    assert rendered() == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "sqs:ReceiveMessage",
        "Resource": "arn:q",
    }


@pytest.mark.parametrize(
    ("changed", "element", "expected"),
    [
        ({"actions": ["a:B", "a:C"]}, "Action", ["a:B", "a:C"]),
        ({"resources": ("x", "y")}, "Resource", ["x", "y"]),
        ({"effect": "Deny"}, "Effect", "Deny"),
        (
            {"principals": {"Service": ["lambda.amazonaws.com"]}},
            "Principal",
            {"Service": "lambda.amazonaws.com"},
        ),
        ({"principals": {"AWS": ["a", "b"]}}, "Principal", {"AWS": ["a", "b"]}),
        (
            {"conditions": {"StringEquals": {"k": ("a", "b"), "l": "c"}}},
            "Condition",
            {"StringEquals": {"k": ["a", "b"], "l": "c"}},
        ),
    ],
)
def test_each_element_is_rendered(changed: dict[str, object], element: str, expected: object) -> None:
    assert rendered(**changed)[element] == expected


@pytest.mark.parametrize(("field", "element"), [("resources", "Resource"), ("principals", "Principal")])
def test_what_a_statement_has_not_is_left_out(field: str, element: str) -> None:
    assert element not in rendered(**{field: {} if field == "principals" else ()})


def test_a_document_is_compact_json_of_the_current_version() -> None:
    document = iam.document(iam.Statement(sid="A", actions=["a:B"], resources=["*"]))
    assert " " not in document
    assert json.loads(document) == {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "a:B", "Resource": "*"}],
    }


def test_a_service_assumes_a_role_for_its_own_account_only() -> None:
    (statement,) = json.loads(iam.service_trust("lambda.amazonaws.com", "111111111111"))["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}
    assert "Resource" not in statement


def test_a_service_may_be_held_to_some_resources() -> None:
    (statement,) = json.loads(iam.service_trust("x.amazonaws.com", "1", source_arn="arn:*"))["Statement"]
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:*"}


def test_insecure_transport_is_denied_to_everyone() -> None:
    statement = iam.deny_insecure_transport(["sqs:*"], "arn:q").render()
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
