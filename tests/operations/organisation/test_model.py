import copy
from typing import Any

import pytest

from components.configuration import InvalidConfiguration
from operations.organisation.model import Organisation, random_external_id
from tests.operations.organisation.organisations import SAMPLE


def spoiled(*path: str, value: Any = None) -> Any:
    document: Any = copy.deepcopy(SAMPLE.document())
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (None, "organisation.yaml"),
        ([], "organisation.yaml"),
        (spoiled("suffix"), "suffix"),
        (spoiled("sufix", value="acme"), "sufix"),
        (spoiled("environments", "dev", "accountId", value=90817263544), "environments.dev.accountId"),
        (spoiled("environments", "dev", "operatorEmails", value="a@b.io"), "environments.dev.operatorEmails"),
        (spoiled("environments", "prod"), "environments.prod"),
        (spoiled("environments", "qa", value=SAMPLE.document()["environments"]["dev"]), "environments.qa"),
        (spoiled("environments", "prod", value="x"), "environments.prod"),
        (spoiled("environments", "prod", "wave", value="2"), "environments.prod.wave"),
        (spoiled("environments", "prod", "upstream", value="qa"), "prod.upstream"),
        (spoiled("environments", "prod", "upstream", value="dev"), "environments without an upstream"),
    ],
)
def test_a_document_of_another_shape_is_refused_by_key(document: Any, key: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        Organisation.parse(document)
    assert key in [mistake.key for mistake in refused.value.mistakes]


def test_a_document_is_read_as_it_is_written() -> None:
    assert Organisation.parse(SAMPLE.document()) == SAMPLE


def test_external_ids_are_random() -> None:
    assert len({random_external_id() for _ in range(100)}) == 100
