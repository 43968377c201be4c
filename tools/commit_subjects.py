"""Checks commit subjects against Conventional Commits (https://www.conventionalcommits.org/en/v1.0.0/)."""

import re
import subprocess
import sys
from pathlib import Path

TYPES = ("build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test")
LONGEST = 110
_SUBJECT = re.compile(rf"(?:{'|'.join(TYPES)})(?:\([a-z0-9][a-z0-9,-]*\))?!?: [^\s].*[^.\s]")
_GENERATED = ("Merge ", "Revert ", "fixup! ", "squash! ")


def mistake(subject: str) -> str:
    """Return what is wrong with a subject; empty if nothing is. Subjects that git generates are accepted."""
    if subject.startswith(_GENERATED):
        return ""
    if not _SUBJECT.fullmatch(subject):
        return (
            f"commit subject must be 'type(scope): what changes' without a final period, got {subject!r}; "
            f"the scope is optional, types: {', '.join(TYPES)}"
        )
    if len(subject) > LONGEST:
        return f"commit subject must have at most {LONGEST} characters, got {len(subject)}: {subject!r}"
    return ""


def main(arguments: list[str]) -> int:
    """Check the message in a file (git's commit-msg hook) or, after `--range`, the commits of a range."""
    match arguments:
        case ["--range", commits]:
            log = ["git", "log", "--no-merges", "--format=%s", commits]
            subjects = subprocess.run(log, check=True, capture_output=True, text=True).stdout.splitlines()  # noqa: S603
        case [path]:
            subjects = Path(path).read_text(encoding="utf-8").splitlines()[:1]
        case _:
            sys.stderr.write("usage: commit_subjects.py FILE | --range BASE..HEAD\n")
            return 2
    mistakes = [text for text in map(mistake, subjects) if text]
    for text in mistakes:
        sys.stderr.write(f"{text}\n")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
