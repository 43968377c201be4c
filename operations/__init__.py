"""What drives the Pulumi projects: the engine, their deployment, their promotion and the search for drift."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
"""The root of the repository: `projects/`, `policies/` and `tools/` are found from here."""
