"""Store promotion records beside the state, one document per entry, each written once."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from operations.engine.backend_files import BackendUnreadableError, s3_client
from operations.errors import CommandError

FOLDER = ".promotion"
"""Beside the engine's own `.pulumi` in the state backend."""


class StorageError(CommandError):
    """Records cannot be read or written. The message states where and what to do."""

    kind = "StorageFailed"


class Storage(Protocol):
    """Documents by environment and number."""

    def read(self, environment: str) -> list[str]:
        """Return all documents in order. Raises StorageError."""

    def create(self, environment: str, number: int, document: str) -> bool:
        """Write a document; return False if its number exists. Raises StorageError."""


@dataclass(frozen=True)
class Directory:
    """`FOLDER/ENVIRONMENT/000001.json` on a file system."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def read(self, environment: str) -> list[str]:
        """See `Storage`."""
        try:
            return [
                path.read_text(encoding="utf-8")
                for path in sorted((self.path / environment).glob("*.json"), key=lambda path: path.name)
            ]
        except OSError as error:
            raise StorageError(f"The promotion record in {self.path} can't be read: {error}") from error

    def create(self, environment: str, number: int, document: str) -> bool:
        """Write it under another name, then link it to its own name, which fails if that exists."""
        folder = self.path / environment
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, partial = tempfile.mkstemp(dir=folder, prefix=".partial-")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(document)
                    file.flush()
                    os.fsync(file.fileno())
                return _linked(partial, folder / _name(number))
            finally:
                Path(partial).unlink()
        except OSError as error:
            raise StorageError(f"The promotion record in {folder} can't be written: {error}") from error


@dataclass(frozen=True)
class Bucket:
    """`PREFIX/FOLDER/ENVIRONMENT/000001.json` in S3, written on condition that there is none."""

    client: Any
    name: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}"

    def read(self, environment: str) -> list[str]:
        """See `Storage`."""
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=f"{self.prefix}/{environment}/"
            )
            keys = sorted(item["Key"] for page in pages for item in page.get("Contents", ()))
            return [self.client.get_object(Bucket=self.name, Key=key)["Body"].read().decode() for key in keys]
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"The promotion record in {self} can't be read: {error}") from error

    def create(self, environment: str, number: int, document: str) -> bool:
        """Write it conditionally: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""
        key = f"{self.prefix}/{environment}/{_name(number)}"
        try:
            self.client.put_object(
                Bucket=self.name,
                Key=key,
                Body=document.encode(),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise StorageError(f"The promotion record in {self} can't be written: {error}") from error
        except BotoCoreError as error:
            raise StorageError(f"The promotion record in {self} can't be written: {error}") from error
        return True


def keeps_records(backend: str) -> bool:
    """Return whether records can be stored at a URL."""
    return urlsplit(backend).scheme in ("file", "s3")


def storage(backend: str, *, environ: Mapping[str, str]) -> Storage:
    """Return the storage beside the state at a backend's URL, `file://` or `s3://`.

    Raises StorageError for others, such as Pulumi Cloud: they keep no such files, and others neither see nor
    respect a folder of this machine.
    """
    url = urlsplit(backend)
    match url.scheme:
        case "file":
            path = Path((url.netloc + url.path).replace("~", environ.get("HOME", "~"), 1)).absolute()
            return Directory(path / FOLDER)
        case "s3":
            return Bucket(
                _client(url.query, environ), url.netloc, f"{url.path.strip('/')}/{FOLDER}".strip("/")
            )
    raise StorageError(
        f"The state backend {backend or '(unknown)'} keeps no promotion records. "
        "Name a place that all who promote share, s3://BUCKET/PATH?region=REGION or file:///PATH, "
        "with --records or in PROMOTION_RECORDS."
    )


def _client(query: str, environ: Mapping[str, str]) -> Any:
    try:
        return s3_client({name: values[0] for name, values in parse_qs(query).items()}, environ)
    except BackendUnreadableError as error:
        raise StorageError(f"Promotion records can't be reached: {error}") from error


def _linked(partial: str, path: Path) -> bool:
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return False
    return True


def _name(number: int) -> str:
    return f"{number:06}.json"
