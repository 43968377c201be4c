"""A sandbox's folder, and the environment variables that lead to it.

projects/   a copy, which tests may change and to which the engine may write
state/      what the engine knows of the stacks
home/       the engine's own, with the sandbox's provider, or another plugin, in the place of the AWS plugin
code/       deployed functions, unpacked
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from components import stack_files
from components.promotion import WORK_TREE
from operations import REPOSITORY
from operations.engine.checkpoints import SECRETS_PROVIDER
from sandbox import plugin
from sandbox.accounts import CALLER
from sandbox.server import state_key


def prepare(folder: Path, choice: str) -> None:
    """Make what the engine needs to find there; `choice` is a plugin's, in full."""
    (folder / "state").mkdir(parents=True, exist_ok=True)
    plugin.install(folder, choice)


def copy_of_projects(folder: Path) -> Path:
    """Copies the repository's projects into `folder`, beside what their relative paths lead to; returns
    `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(
        REPOSITORY / "projects",
        folder / "projects",
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for stack_file in (folder / "projects").glob("*/Pulumi.*.yaml"):
        given = yaml.safe_load(stack_file.read_text(encoding="utf-8")) or {}
        if (content := stack_files.without_engine_keys(given)) != given:
            stack_file.write_text(stack_files.dump(content), encoding="utf-8")
    for name in (".venv", "policies"):
        link = folder / name
        if not link.is_symlink() and (REPOSITORY / name).exists():
            link.symlink_to(REPOSITORY / name)
    return folder


def variables(folder: Path, url: str) -> dict[str, str]:
    """What points engine, boto3 and scripts at a sandbox, and away from everything else."""
    return {
        **CALLER,
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_HOME": str(folder / "home"),
        # As for a real deployment (docs/deployment.md); the passphrase is for a plain `pulumi stack init`.
        SECRETS_PROVIDER: state_key.SECRETS_PROVIDER,
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # A copy of the state after every step: here is nothing to put back.
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
    }


def environ(folder: Path, url: str, base: Mapping[str, str]) -> dict[str, str]:
    """`base` with these variables, and without any other that would lead elsewhere."""
    kept = {name: value for name, value in base.items() if not name.startswith(("AWS_", "PULUMI_"))}
    # What is tried in a sandbox is the user's work tree, committed or not: the gate only asks whether its
    # content was verified. In a shell with `variables` the gate asks for a commit as well, as on AWS.
    return {**kept, **variables(folder, url), WORK_TREE: "true"}
