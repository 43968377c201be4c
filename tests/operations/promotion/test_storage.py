import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operations.promotion.storage import Bucket, Directory, Storage, StorageError, storage


@pytest.fixture(params=["directory", "bucket"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Storage]:
    if request.param == "directory":
        yield storage(f"file://{tmp_path}", environ={})
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="state")
        yield storage("s3://state/acme?region=us-east-1", environ={})


def test_documents_are_read_in_order_of_their_numbers(place: Storage) -> None:
    for number in range(1, 13):
        assert place.create("prod", number, f"document {number}")

    assert place.read("prod") == [f"document {number}" for number in range(1, 13)]


def test_environments_are_kept_apart(place: Storage) -> None:
    place.create("prod", 1, "of prod")
    place.create("prod-eu", 1, "of prod-eu")

    assert place.read("prod") == ["of prod"]
    assert place.read("staging") == []


def test_a_written_document_stays(place: Storage) -> None:
    assert place.create("prod", 1, "first")
    assert not place.create("prod", 1, "second")
    assert place.read("prod") == ["first"]


def test_of_many_that_write_one_number_one_wins(place: Storage) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def write(writer: int) -> None:
        start.wait()
        if place.create("prod", 1, f"of {writer}"):
            won.append(writer)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert place.read("prod") == [f"of {won[0]}"]


def test_a_directory_holds_nothing_but_whole_documents(tmp_path: Path) -> None:
    place = Directory(tmp_path)
    place.create("prod", 1, "first")
    place.create("prod", 1, "second")

    assert [path.name for path in (tmp_path / "prod").iterdir()] == ["000001.json"]


def test_a_directory_that_cannot_be_written_is_a_failure_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "prod").write_text("a file")

    with pytest.raises(StorageError, match=r"prod can't be written"):
        Directory(tmp_path).create("prod", 1, "first")


def test_a_bucket_that_is_not_there_is_a_failure_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        place = storage("s3://state?region=us-east-1", environ={})

        with pytest.raises(StorageError, match=r"s3://state/\.promotion can't be read"):
            place.read("prod")
        with pytest.raises(StorageError, match=r"s3://state/\.promotion can't be written"):
            place.create("prod", 1, "first")


@pytest.mark.parametrize(
    ("backend", "path"),
    [
        ("file:///var/state", "/var/state/.promotion"),
        ("file://~", "/home/ada/.promotion"),
        ("file://~/state", "/home/ada/state/.promotion"),
    ],
)
def test_records_are_beside_the_state(backend: str, path: str) -> None:
    found = storage(backend, environ={"HOME": "/home/ada"})
    assert found == Directory(Path(path))


@pytest.mark.parametrize("backend", ["https://api.pulumi.com", "gs://bucket", ""])
def test_a_backend_without_files_asks_for_a_place(backend: str) -> None:
    with pytest.raises(StorageError, match=r"--records"):
        storage(backend, environ={})


def test_a_bucket_is_reached_as_the_engine_reaches_it() -> None:
    found = storage(
        "s3://state/some/where?region=eu-west-1&endpoint=http://127.0.0.1:5000&s3ForcePathStyle=true",
        environ={},
    )

    assert isinstance(found, Bucket)
    assert (found.name, found.prefix) == ("state", "some/where/.promotion")
    assert found.client.meta.endpoint_url == "http://127.0.0.1:5000"
    assert found.client.meta.region_name == "eu-west-1"
