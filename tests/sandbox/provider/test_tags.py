from hypothesis import given
from hypothesis import strategies as st

from sandbox.provider.tags import difference, merged, own
from sandbox.provider.wire import UNKNOWN

tags = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz"), max_size=4)


@given(tags, tags)
def test_own_tags_are_what_the_program_wrote(defaults: dict[str, str], written: dict[str, str]) -> None:
    assert own(defaults, merged(defaults, written), written) == written


@given(tags, tags, tags)
def test_a_tag_made_by_hand_is_told_as_the_resources_own(
    defaults: dict[str, str], written: dict[str, str], made: dict[str, str]
) -> None:
    carried = {**merged(defaults, written), **made}
    found = own(defaults, carried, written)
    assert merged(defaults, found).items() >= carried.items()


@given(tags, tags)
def test_the_difference_leads_from_one_to_the_other(actual: dict[str, str], wanted: dict[str, str]) -> None:
    put, drop = difference(actual, wanted)
    assert {**{name: text for name, text in actual.items() if name not in drop}, **put} == wanted


def test_an_unknown_tag_makes_all_of_them_unknown() -> None:
    assert merged({"a": "x"}, {"b": UNKNOWN}) is UNKNOWN
    assert merged({"a": "x"}, UNKNOWN) is UNKNOWN
    assert merged({"a": "x"}, None) == {"a": "x"}
