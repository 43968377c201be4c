"""Build a release, and look at those that were built.

A release is a clean checkout of a commit: its id is made of the commit, the digests of its content and of the
function's artifact, and the versions of components, policy pack and SDKs. Whoever builds the same commit gets
the same id. Exits with 0 where it is done, 1 where the checkout is no release or there is none of that id, 2
on wrong usage.
"""

import json as json_format
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from components import artifact
from components.content import content_of
from components.release import Release, UnreleasedCheckout, of_checkout
from operations import REPOSITORY
from operations.release import ManifestError, Manifests
from operations.release.manifests import FOLDER

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Folder = Annotated[
    Path, typer.Option("--folder", file_okay=False, help="Where the manifests are.", show_default="releases")
]
Json = Annotated[bool, typer.Option("--json", help="Write to standard output as JSON.")]


@app.command()
def build(folder: Folder = FOLDER, json: Json = False) -> None:
    """Build this checkout's artifact, and keep the release's manifest."""
    try:
        built = artifact.build("payment_processor")
    except artifact.ArtifactUnavailable as error:
        _fail(str(error))
    release = of_checkout(built.digest, content_of(REPOSITORY / "projects").digest)
    if isinstance(release, UnreleasedCheckout):
        _fail(
            f"This checkout is no release: {release.because}.\n"
            "Commit what is to be released, and build again."
        )
    path = Manifests(folder).write(release)
    sys.stderr.write(f"{path}\n")
    _write(release, json)


@app.command()
def show(
    release_id: Annotated[str, typer.Argument(help="The release's id.", metavar="RELEASE")],
    folder: Folder = FOLDER,
    json: Json = False,
) -> None:
    """Show what a release is made of."""
    try:
        release = Manifests(folder).read(release_id)
    except ManifestError as error:
        _fail(str(error))
    _write(release, json)


@app.command("list")
def list_all(folder: Folder = FOLDER, json: Json = False) -> None:
    """List the releases that were built here, the latest first."""
    try:
        releases = Manifests(folder).all()
    except ManifestError as error:
        _fail(str(error))
    if json:
        sys.stdout.write(json_format.dumps([_data(release) for release in releases], indent=2) + "\n")
    elif not releases:
        sys.stderr.write("No release was built here yet: python scripts/release.py build\n")
    else:
        table = Table("Release", "Commit", "Artifact", "Components", "Policies")
        for release in releases:
            table.add_row(
                *(release.id, release.commit[:12], release.artifact_digest[:12]),
                *(release.component_version, release.policy_pack_version),
            )
        Console().print(table)


def _data(release: Release) -> dict[str, Any]:
    return {"id": release.id, **release.model_dump(by_alias=True)}


def _write(release: Release, json: bool) -> None:
    if json:
        sys.stdout.write(json_format.dumps(_data(release), indent=2) + "\n")
        return
    lines = {
        "release": release.id,
        "commit": release.commit,
        "artifact": release.artifact_digest,
        "content": release.content_digest,
        "components": release.component_version,
        "policies": release.policy_pack_version,
        **dict(sorted(release.sdk_versions.items())),
    }
    sys.stdout.write("".join(f"{name:<14}{value}\n" for name, value in lines.items()))


def _fail(words: str) -> NoReturn:
    sys.stderr.write(f"{words}\n")
    raise typer.Exit(1)
