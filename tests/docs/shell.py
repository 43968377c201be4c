"""The commands in the documentation, checked as far as that goes without running them."""

import importlib.util
import re
import shlex
from collections.abc import Sequence
from functools import cache
from itertools import dropwhile, pairwise
from typing import Any

import typer.main
from pydantic.alias_generators import to_camel

from components import stacks
from components.environment import LADDER
from operations import REPOSITORY
from operations.commands.payments import COMMANDS
from tests.docs.markdown import Document

OTHER_PROGRAMS = frozenset({".venv/bin/pre-commit", "aws", "cd", "diff", "export", "git", "go", "uv"})
_INLINE = (
    "make ",
    "payments ",
    "python scripts/",
    "python -m policies ",
    "python -m operations",
    "pulumi -C ",
)
_SUBSTITUTION = re.compile(r"\$\(([^()]+)\)")
_ASSIGNMENT = re.compile(r"[A-Z_]+=")
_PLACEHOLDER = re.compile(r"<\w+>|\b(PROJECT|ENVIRONMENT|RULE)\b|…")


def commands(document: Document) -> list[str]:
    """Every command of a document: the lines of its shell blocks, and those among its code spans."""
    lines = [
        line.strip()
        for block in document.blocks("sh")
        for line in block.replace("\\\n", " ").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    spans = [span for span in document.spans() if span.startswith(_INLINE) and not _PLACEHOLDER.search(span)]
    return lines + spans


def check(line: str) -> None:
    """Fails where the repository has not what the command needs."""
    for inner in _SUBSTITUTION.findall(line):
        check(inner)
    words = list(dropwhile(_ASSIGNMENT.match, shlex.split(line, comments=True)))
    match words:
        case ["make", *targets]:
            assert set(targets) <= make_targets(), line
        case ["python" | ".venv/bin/python", "-I", "-m", module, *arguments]:
            check_module(module, arguments)
        case ["python" | ".venv/bin/python", "-m", module, *arguments]:
            check_module(module, arguments)
        case ["python" | ".venv/bin/python", script, *arguments]:
            check_script(script, arguments)
        case ["payments", "--install-completion"]:
            pass
        case ["payments", name, *arguments]:
            parse(app_of(name), arguments)
        case ["pulumi", *arguments]:
            check_pulumi(arguments)
        case [".", ".venv/bin/activate"] | ["eval", _]:
            pass
        case _:
            assert words[0] in OTHER_PROGRAMS, f"{line}: nothing is known of {words[0]}"


@cache
def make_targets() -> frozenset[str]:
    """The targets that `make` lists."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def check_module(module: str, arguments: Sequence[str]) -> None:
    """The module can be run, and its command line takes the arguments."""
    assert importlib.util.find_spec(f"{module}.__main__"), module
    if module == "policies":
        from policies.cli import app

        parse(app, arguments)
    if module == "operations.github":
        from operations.github.__main__ import app

        parse(app, arguments)


def check_script(script: str, arguments: Sequence[str]) -> None:
    """The script is there, and its command line takes the arguments."""
    path = REPOSITORY / script
    assert path.is_file(), f"there is no {script}"
    parse(app_of(path.stem), arguments)


def check_pulumi(arguments: Sequence[str]) -> None:
    """Project, stack, policy pack and output exist."""
    options = dict(pairwise(arguments))
    if "-C" not in options:
        assert arguments[0] in {"login", "plugin", "version"}, arguments
        return
    # `.sandbox/projects` is a copy of `projects`, with the policies beside it.
    project = REPOSITORY / options["-C"].removeprefix(".sandbox/")
    assert (project / "Pulumi.yaml").is_file(), arguments
    if "-s" in options:
        assert (project / f"Pulumi.{options['-s']}.yaml").is_file(), arguments
    if "--policy-pack" in options:
        assert (project / options["--policy-pack"] / "PulumiPolicy.yaml").is_file(), arguments
    match [word for word in arguments[2:] if word not in {"-s", *LADDER}]:
        case ["stack", "output", output]:
            assert output in outputs(project.name), arguments


def outputs(project: str) -> set[str]:
    """Names of a project's stack outputs."""
    contracts = (stacks.BootstrapIamOutputs, stacks.NetworkOutputs, stacks.PaymentsOutputs)
    contract = next(contract for contract in contracts if project == contract.PROJECT)
    return {to_camel(name) for name in contract.__dataclass_fields__ if name != "PROJECT"}


@cache
def app_of(name: str) -> Any:
    """The Typer application that a script runs."""
    return importlib.import_module(COMMANDS[name][0]).app


def parse(app: Any, arguments: Sequence[str]) -> None:
    """Fails where the application refuses the arguments."""
    command: Any = typer.main.get_command(app)
    rest = list(arguments)
    commands: dict[str, Any] = getattr(command, "commands", {})
    default = getattr(command, "default", None)  # what an option without a command is for
    if default and rest and rest[0].startswith("-") and rest != ["--help"]:
        rest.insert(0, default)
    if rest and rest[0] in commands:
        command = commands[rest.pop(0)]
    elif commands:
        assert rest == ["--help"], f"{arguments}: the commands are {', '.join(commands)}"
    if "--help" not in rest:
        command.make_context(command.name or "", rest)
