"""The files of a state backend that keeps files, `file://` and `s3://`: read without the engine."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operations.errors import CommandError

_MISSING = frozenset({"404", "NoSuchKey", "NoSuchBucket"})
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
}
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


class BackendUnreadableError(CommandError):
    """A file of the backend can't be read. The message says which and why."""


class BackendFiles(Protocol):
    """Files by path, such as `.pulumi/meta.yaml`."""

    def read(self, path: str) -> bytes | None:
        """Its content; None where there is no such file. Raises BackendUnreadableError."""

    def paths(self, folder: str) -> Iterator[str]:
        """The paths of all files in a folder, in order. Raises BackendUnreadableError."""


@dataclass(frozen=True)
class FolderFiles:
    """Of a backend `file://`."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """Read the file."""
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BackendUnreadableError(f"{self.root / path} can't be read: {error.strerror}") from error

    def paths(self, folder: str) -> Iterator[str]:
        """List the files below the folder."""
        for path in sorted((self.root / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()


@dataclass(frozen=True)
class BucketFiles:
    """Of a backend `s3://`."""

    client: Any
    bucket: str
    prefix: str

    def read(self, path: str) -> bytes | None:
        """Read the object."""
        try:
            return bytes(self.client.get_object(Bucket=self.bucket, Key=self._key(path))["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise BackendUnreadableError(
                f"s3://{self.bucket}/{self._key(path)} can't be read: {error}"
            ) from error
        except BotoCoreError as error:
            raise BackendUnreadableError(
                f"s3://{self.bucket}/{self._key(path)} can't be read: {error}"
            ) from error

    def paths(self, folder: str) -> Iterator[str]:
        """List the objects below the folder."""
        start = len(self._key(""))
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self._key(f"{folder.strip('/')}/")
            )
            for page in pages:
                for listed in page.get("Contents", ()):
                    yield listed["Key"][start:]
        except (ClientError, BotoCoreError) as error:
            raise BackendUnreadableError(
                f"s3://{self.bucket}/{self._key(folder)} can't be listed: {error}"
            ) from error

    def _unreadable(self, path: str, error: Exception) -> BackendUnreadableError:
        return BackendUnreadableError(f"s3://{self.bucket}/{self._key(path)} can't be read: {error}")

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path


def backend_files(backend: str, environ: Mapping[str, str] | None = None) -> BackendFiles | None:
    """The files of the backend of a URL, with the options that the engine takes there.

    None for other backends: a service such as Pulumi Cloud, and stores that nothing here reads.
    """
    url = urlsplit(backend)
    if url.scheme == "file":
        place = f"{unquote(url.netloc)}{unquote(url.path)}"
        home = (os.environ if environ is None else environ).get("HOME", "~")
        return FolderFiles(Path(place.replace("~", home, 1) if place.startswith("~") else place).absolute())
    if url.scheme == "s3":
        options = {name: values[0] for name, values in parse_qs(url.query).items()}
        return BucketFiles(s3_client(options, environ), url.netloc, url.path.strip("/"))
    return None


def s3_client(options: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Any:
    """A client by the options of a backend's URL: region, profile, endpoint, s3ForcePathStyle.

    `environ` are the variables to take credentials from, where they are not this process's own.
    Raises BackendUnreadableError where there is no such profile.
    """
    variables = os.environ if environ is None else environ
    profile = options.get("profile")
    given = {} if profile else {ours: variables.get(name) for name, ours in _CREDENTIALS.items()}
    try:
        session = boto3.Session(
            profile_name=profile or variables.get("AWS_PROFILE"), region_name=options.get("region"), **given
        )
    except BotoCoreError as error:
        raise BackendUnreadableError(f"the state backend's credentials can't be used: {error}") from error
    endpoint = options.get("endpoint") or next(filter(None, map(variables.get, _ENDPOINTS)), None)
    if endpoint and "://" not in endpoint:
        endpoint = f"https://{endpoint}"
    style = "path" if options.get("s3ForcePathStyle") == "true" else "auto"
    return session.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": style}))
