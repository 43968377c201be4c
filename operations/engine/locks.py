"""Who holds a stack. The engine heeds locks when it changes a stack, and not when it only looks.

A stack that is being deployed to is neither what it was nor what it will be: it can't be compared, nor
promoted to.
Told from the lock files of a backend of one's own; a backend that is a service keeps no such files.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.engine.failure import StackName
from operations.rendering.recording import ORGANIZATION


def holder(backend: str, name: StackName) -> str | None:
    """Who holds the stack, or None where nobody does or nobody can tell. `backend` is its URL."""
    for text in _locks(backend, f".pulumi/locks/{ORGANIZATION}/{name.project}/{name.environment}/"):
        try:
            lock = json.loads(text)
            return f"{lock['username']}@{lock['hostname']} (process {lock['pid']}) since {lock['timestamp']}"
        except (ValueError, KeyError, TypeError):
            return "somebody"
    return None


def _locks(backend: str, folder: str) -> Iterator[str]:
    url = urlsplit(backend)
    if url.scheme == "file":
        place = Path(f"{unquote(url.netloc)}{unquote(url.path)}").expanduser() / folder
        for path in sorted(place.glob("*.json")):
            yield path.read_text(encoding="utf-8", errors="replace")
    elif url.scheme == "s3":
        options = {key: values[0] for key, values in parse_qs(url.query).items()}
        s3 = boto3.client(
            "s3", region_name=options.get("region"), endpoint_url=_endpoint(options.get("endpoint"))
        )
        prefix = "/".join(part for part in (url.path.strip("/"), folder) if part)
        try:
            for listed in s3.list_objects_v2(Bucket=url.netloc, Prefix=prefix).get("Contents", []):
                yield s3.get_object(Bucket=url.netloc, Key=listed["Key"])["Body"].read().decode()
        except (ClientError, BotoCoreError):
            return  # what can't be read here, the engine could: it is no lock that stops us


def _endpoint(given: str | None) -> str | None:
    return given if given is None or "://" in given else f"https://{given}"
