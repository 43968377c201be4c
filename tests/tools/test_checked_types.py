"""The parts of pulumi_aws that mypy reads, compared with the parts that the code uses."""

import ast
import tomllib

from operations import REPOSITORY

USERS = ("components", "projects", "sandbox", "operations", "scripts", "tests")


def used(source: str) -> set[str]:
    """The lower-case attributes of `aws`, as everyone here calls pulumi_aws: its packages and functions."""
    if "import pulumi_aws as aws" not in source:
        return set()
    names = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "aws"
    }
    return {name.removesuffix("_output") for name in names if name.islower()}


def read_by_mypy() -> set[str]:
    overrides = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    modules = next(each["module"] for each in overrides if each.get("follow_imports") == "normal")
    return {module.removeprefix("pulumi_aws.").removesuffix(".*") for module in modules}


def test_every_part_of_pulumi_aws_that_is_used_is_type_checked() -> None:
    files = [file for folder in USERS for file in (REPOSITORY / folder).rglob("*.py")]
    names = set().union(*(used(file.read_text(encoding="utf-8")) for file in files))

    assert names <= read_by_mypy()
    assert "sqs" in names
