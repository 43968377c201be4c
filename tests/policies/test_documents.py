"""Policy documents are understood in every form that AWS accepts, and none of them changes a verdict."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.conditions import matches
from policies.documents import Condition, PolicyStatement, Principal, parse
from policies.properties import MalformedPropertyError, UnknownPropertyError
from tests.policies.compliant import POLICY, QUEUE_POLICY, ROLE
from tests.policies.engine import ACCOUNTS, UNKNOWN, Made, analyze, whole_pack

OWN, OTHER = ACCOUNTS["dev"], ACCOUNTS["prod"]

ACTIONS = st.sampled_from(
    ["*", "sqs:*", "sqs:SendMessage", "iam:PassRole", "kms:Decrypt", "s3:GetObject", "iam:CreateRole"]
)
RESOURCES = st.sampled_from(["*", f"arn:aws:sqs:us-east-1:{OWN}:payments-queue-dev-acme", "arn:aws:s3:::*"])
PRINCIPALS = st.sampled_from(
    [
        {"AWS": ["*"]},
        {"AWS": [OWN]},
        {"AWS": [f"arn:aws:iam::{OTHER}:root", OWN]},
        {"Service": ["sns.amazonaws.com"]},
        {"Federated": [f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"]},
    ]
)
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "Bool", "StringNotEquals", "StringEqualsIfExists"]),
    st.dictionaries(
        st.sampled_from(
            ["aws:SourceAccount", "aws:PrincipalAccount", "aws:SecureTransport", "sts:ExternalId"]
        ),
        st.lists(st.sampled_from([OWN, OTHER, "false", "*"]), min_size=1, max_size=2),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


@st.composite
def written_out(draw: st.DrawFn, *, principals: bool) -> list[dict[str, Any]]:
    """Statements in the longest form: everything a list, nothing abbreviated."""
    statements = []
    for number in range(draw(st.integers(1, 3))):
        statement: dict[str, Any] = {
            "Sid": f"S{number}",
            "Effect": draw(st.sampled_from(["Allow", "Deny"])),
            draw(st.sampled_from(["Action", "NotAction"])): draw(st.lists(ACTIONS, min_size=1, max_size=2)),
            draw(st.sampled_from(["Resource", "NotResource"])): draw(
                st.lists(RESOURCES, min_size=1, max_size=2)
            ),
            "Condition": draw(CONDITIONS),
        }
        if principals:
            statement[draw(st.sampled_from(["Principal", "NotPrincipal"]))] = draw(PRINCIPALS)
        statements.append(statement)
    return statements


class Respelling:
    """Other spellings of the parts of a document, drawn at random."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def case(self, text: str) -> str:
        return self._draw(st.sampled_from([text, text.lower(), text.upper()]))

    def scalar(self, values: list[Any]) -> Any:
        return values[0] if len(values) == 1 and self._draw(st.booleans()) else values

    def boolean(self, text: str) -> Any:
        return False if text == "false" and self._draw(st.booleans()) else text

    def action(self, found: list[str]) -> Any:
        return self.scalar([self.case(action) for action in found])

    def principal(self, found: dict[str, list[str]]) -> Any:
        if found == {"AWS": ["*"]} and self._draw(st.booleans()):
            return "*"
        return {self.case(kind): self.scalar(values) for kind, values in found.items()}

    def condition(self, found: dict[str, dict[str, list[str]]]) -> Any:
        return {
            self.case(operator): {
                self.case(key): self.scalar([self.boolean(text) for text in texts])
                for key, texts in tests.items()
            }
            for operator, tests in found.items()
        }

    def element(self, name: str, found: Any) -> Any:
        spellings: dict[str, Callable[[Any], Any]] = {
            "Effect": self.case,
            "Action": self.action,
            "NotAction": self.action,
            "Resource": self.scalar,
            "NotResource": self.scalar,
            "Principal": self.principal,
            "NotPrincipal": self.principal,
            "Condition": self.condition,
        }
        return spellings[name](found) if name in spellings else found

    def statement(self, found: dict[str, Any]) -> dict[str, Any]:
        names = self._draw(st.permutations(sorted(found)))
        return {self.case(name): self.element(name, found[name]) for name in names}


@st.composite
def respelled(draw: st.DrawFn, statements: list[dict[str, Any]]) -> object:
    """The same document in another of its forms."""
    other = Respelling(draw)
    changed = other.scalar([other.statement(statement) for statement in statements])
    document = {other.case("Statement"): changed, other.case("Version"): "2012-10-17"}
    if draw(st.booleans()):
        return document
    return json.dumps(document, indent=draw(st.sampled_from([None, 2])), ensure_ascii=draw(st.booleans()))


def _verdict(kind: str, key: str, document: object) -> list[tuple[str, str]]:
    made = Made(type=kind, name="subject", props={key: document})
    return sorted((answer.rule, answer.level) for answer in analyze(whole_pack(), made))


@pytest.mark.parametrize(
    ("kind", "key", "principals"),
    [(POLICY, "policy", False), (QUEUE_POLICY, "policy", True), (ROLE, "assumeRolePolicy", True)],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_form_of_a_document_changes_the_verdict(
    kind: str, key: str, principals: bool, data: st.DataObject
) -> None:
    statements = data.draw(written_out(principals=principals))
    plain = {"Version": "2012-10-17", "Statement": statements}
    assert _verdict(kind, key, data.draw(respelled(statements))) == _verdict(kind, key, json.dumps(plain))


def test_a_statement_is_read_in_full() -> None:
    document = {
        "Statement": {
            "Sid": "S",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "NotResource": ["a", "b"],
            "Principal": {"AWS": OWN, "Service": ["sns.amazonaws.com"]},
            "Condition": {"Bool": {"aws:SecureTransport": False}},
        }
    }
    assert parse(document, "policy") == [
        PolicyStatement(
            label="statement S",
            allows=True,
            actions=("sqs:sendmessage",),
            not_resources=("a", "b"),
            principals=(
                Principal(kind="aws", value=OWN),
                Principal(kind="service", value="sns.amazonaws.com"),
            ),
            conditions=(Condition(operator="bool", key="aws:securetransport", values=("false",)),),
        )
    ]


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_document_is_no_statements(nothing: object) -> None:
    assert parse(nothing, "policy") == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("nothing", "policy must be a JSON policy document, but it is a string."),
        ("[]", "policy must be a policy document with statements, but it is a list."),
        ("{}", "policy must be a policy document with statements, but it is an object."),
        (7, "policy must be a policy document with statements, but it is a number."),
        (
            {"Statement": ["*"]},
            "policy must be a policy document whose statements are objects, but it is a string.",
        ),
        (
            {"Statement": {"Effect": "Allow", "Actions": "*"}},
            "policy: actions must be an element that AWS knows, but it is an object.",
        ),
        (
            {"Statement": {"Effect": "Allow", "Action": {"a": 1}}},
            "policy: Action must be a string or a list of strings, but it is an object.",
        ),
        (
            {"Statement": {"Effect": "Allow", "Condition": []}},
            "policy: Condition must be an object, but it is a list.",
        ),
        (
            {"Statement": {"Effect": "Allow", "Condition": {"Bool": "x"}}},
            "policy: Condition must be an object of operators and their keys, but it is a string.",
        ),
        (
            '{"Statement": [], "Statement": [{"Effect": "Allow", "Action": "*"}]}',
            "policy must be a policy document without repeated keys, but it is an object.",
        ),
        (
            {"Statement": {"Effect": "Deny", "effect": "Allow"}},
            "policy must be a policy document without repeated keys, but it is an object.",
        ),
    ],
)
def test_what_is_no_document_is_said_to_be_none(document: object, message: str) -> None:
    with pytest.raises(MalformedPropertyError) as caught:
        parse(document, "policy")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": UNKNOWN},
        {"Statement": [{"Effect": UNKNOWN}]},
        {"Statement": [{"Effect": "Allow", "Resource": UNKNOWN}]},
        {"Statement": [{"Effect": "Allow", "Resource": ["*", UNKNOWN]}]},
    ],
)
def test_an_unknown_within_a_document_is_unknown_rather_than_harmless(document: object) -> None:
    with pytest.raises(UnknownPropertyError):
        parse(document, "policy")


@pytest.mark.parametrize(
    ("operator", "values", "restricts"),
    [
        ("stringequals", (OWN,), True),
        ("foranyvalue:stringlike", ("alias/*-dev-acme",), True),
        ("arnlike", (f"arn:aws:sns:*:{OWN}:*",), True),
        ("stringlike", ("*",), False),
        ("stringlike", (OWN, "*"), False),
        ("stringlike", ("?*",), False),
        ("stringequals", (), False),
        ("stringequals", ("",), False),
        ("stringnotequals", (OWN,), False),
        ("arnnotlike", (OWN,), False),
        ("notipaddress", ("10.0.0.0/8",), False),
        ("stringequalsifexists", (OWN,), False),
        ("forallvalues:stringequals", (OWN,), False),
        ("null", ("false",), False),
    ],
)
def test_a_condition_narrows_only_if_everyone_else_is_kept_out(
    operator: str, values: tuple[str, ...], restricts: bool
) -> None:
    assert Condition(operator=operator, key="aws:sourceaccount", values=values).restricts is restricts


@pytest.mark.parametrize(
    ("pattern", "value", "covered"),
    [
        ("*", "sqs:sendmessage", True),
        ("sqs:send*", "sqs:sendmessage", True),
        ("sqs:*message", "sqs:sendmessage", True),
        ("sqs:?endmessage", "sqs:sendmessage", True),
        ("sqs:send", "sqs:sendmessage", False),
        ("sqs:[s]endmessage", "sqs:sendmessage", False),
        ("sqs.sendmessage", "sqs:sendmessage", False),
    ],
)
def test_patterns_match_as_in_iam(pattern: str, value: str, covered: bool) -> None:
    assert matches(pattern, value) is covered


@pytest.mark.parametrize(
    ("principal", "everyone", "account"),
    [
        (Principal(kind="*", value="*"), True, None),
        (Principal(kind="aws", value="*"), True, None),
        (Principal(kind="service", value="*"), True, None),
        (Principal(kind="aws", value="arn:aws:iam::*:role/x"), True, None),
        (Principal(kind="aws", value=OWN), False, OWN),
        (Principal(kind="aws", value=f"arn:aws:iam::{OWN}:root"), False, OWN),
        (Principal(kind="aws", value="AIDAEXAMPLE"), False, None),
        (Principal(kind="federated", value=f"arn:aws:iam::{OWN}:oidc-provider/x"), False, None),
    ],
)
def test_a_principal_is_everyone_or_of_an_account(
    principal: Principal, everyone: bool, account: str | None
) -> None:
    assert (principal.everyone, principal.account) == (everyone, account)
