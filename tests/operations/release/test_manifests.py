from pathlib import Path

import pytest

from operations.release import ManifestError, Manifests
from tests.builders import RELEASE


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    manifests = Manifests(tmp_path / "new")
    path = manifests.write(RELEASE)
    assert path.name == f"{RELEASE.id}.json"
    assert manifests.write(RELEASE) == path
    assert manifests.read(RELEASE.id) == RELEASE
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_all_are_listed_the_latest_first(tmp_path: Path) -> None:
    manifests, other = Manifests(tmp_path), RELEASE.model_copy(update={"commit": "d1" * 20})
    assert manifests.all() == []
    manifests.write(RELEASE)
    manifests.write(other)
    assert manifests.all() == [other, RELEASE]


@pytest.mark.parametrize("release_id", ["000000000000", "../secret", ""])
def test_what_is_not_there_is_said_to_be_so(tmp_path: Path, release_id: str) -> None:
    (tmp_path.parent / "secret.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"no manifest of .*scripts/release\.py build"):
        Manifests(tmp_path).read(release_id)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("c0c0", "c1c1", "was changed"), ('"commit"', '"comet"', "is no manifest"), ("{", "", "is no manifest")],
)
def test_a_manifest_that_was_changed_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = Manifests(tmp_path).write(RELEASE)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ManifestError, match=said):
        Manifests(tmp_path).read(RELEASE.id)
    with pytest.raises(ManifestError):
        Manifests(tmp_path).all()
