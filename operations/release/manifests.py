"""A folder of release manifests, one JSON file a release, named by its id."""

import json
import tempfile
from pathlib import Path

from pydantic import ValidationError

from components.release import Release
from operations import REPOSITORY

FOLDER = REPOSITORY / "releases"
"""Left out of version control: writing a manifest must not change the checkout that it is about."""


class ManifestError(Exception):
    """There is no such manifest, or it is not what its name says; the message says what to do."""


class Manifests:
    """The manifests in `folder`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def write(self, release: Release) -> Path:
        """Keep a release's manifest; returns its file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{release.id}.json"
        with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False, encoding="utf-8") as partial:
            partial.write(json.dumps(release.model_dump(by_alias=True), indent=2) + "\n")
        Path(partial.name).replace(path)
        return path

    def read(self, release_id: str) -> Release:
        """The release of an id. Raises ManifestError."""
        path = self._folder / f"{release_id}.json"
        if path.parent != self._folder or not path.is_file():
            raise ManifestError(
                f"There is no manifest of {release_id} in {self._folder}. "
                "Check out its commit and build it: python scripts/release.py build"
            )
        try:
            release = Release.model_validate_json(path.read_text(encoding="utf-8"))
        except (ValidationError, UnicodeDecodeError) as error:
            raise ManifestError(f"{path} is no manifest of a release: {error}") from None
        if release.id != release_id:
            raise ManifestError(f"{path} was changed: its content is that of {release.id}. Build it again.")
        return release

    def all(self) -> list[Release]:
        """Every release, the latest manifest first. Raises ManifestError where one is damaged."""
        paths = sorted(
            self._folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True
        )
        return [self.read(path.stem) for path in paths]
