"""`python -m policies`: list the rules, explain one, check a stack without the engine, make the docs."""

import json
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from policies import configuration as configurations
from policies import export, reference
from policies.check import check_export
from policies.compliance import requirements_of
from policies.configuration import PackConfiguration, PackConfigurationError
from policies.export import UnreadableDocumentError
from policies.formats import FORMATS
from policies.package import PackageError, package
from policies.report import Exit
from policies.rule import AnyRule, StackRule
from policies.rules import RULES
from policies.stack_files import MissingConfigurationError, read_config

app = typer.Typer(
    name="policies",
    help="The guardrails of this project: list them, explain one, check a stack without the engine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ConfigurationFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--config", help="Laid over the pack's own configuration, as --policy-pack-config; repeatable."
    ),
]

Format = StrEnum("Format", {name: name for name in FORMATS})  # type: ignore[misc]  # the formats are data
TEXT = Format("text")


class CannotCheckError(Exception):
    """What is wrong with the command's input, for people."""


@app.command("list")
def list_rules(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for machines.")] = False,
    config: ConfigurationFiles = None,
) -> None:
    """List all rules with severity and enforcement level."""
    configured = _configuration(config)
    if as_json:
        typer.echo(json.dumps([_described(rule, configured) for rule in RULES], indent=2))
        return
    table = Table("Rule", "Severity", "Level", "What holds", box=None, pad_edge=False)
    for rule in RULES:
        table.add_row(rule.id, rule.severity.value, configured.level(rule).value, rule.title)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@app.command()
def explain(rule_id: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")]) -> None:
    """Say what a rule wants, why, and how to fix what breaks it."""
    rule = next((found for found in RULES if found.id == rule_id), None)
    if rule is None:
        raise CannotCheckError(
            f"there is no rule {rule_id!r}; `python -m policies list` names all {len(RULES)}"
        )
    for line in (rule.title, "", f"Why: {rule.why}", f"Fix: {rule.fix}", f"See: {rule.url}"):
        typer.echo(line)
    if rule.references:
        typer.echo(f"Elsewhere: {', '.join(rule.references)}")
    for framework, names in requirements_of(rule).items():
        typer.echo(f"{framework}: {', '.join(names)}")


@app.command()
def check(
    stack_export: Annotated[
        Path | None, typer.Option(help="Output of `pulumi stack export`; - reads standard input.")
    ] = None,
    preview: Annotated[
        Path | None,
        typer.Option(
            help="Output of `pulumi preview --json --show-sames`; - reads standard input. "
            "Without --show-sames, --stack-export is needed as well."
        ),
    ] = None,
    project_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the project, whose Pulumi.STACK.yaml says what is expected."),
    ] = None,
    config: ConfigurationFiles = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print the report.")] = TEXT,
    output: Annotated[Path | None, typer.Option(help="Write the report to this file instead.")] = None,
) -> None:
    """Check a stack without the engine. Exits with 0 (clean), 1 (violations) or 2 (could not check)."""
    if stack_export is None and preview is None:
        raise CannotCheckError("name a document: --stack-export FILE, --preview FILE or both")
    if preview and stack_export and str(preview) == str(stack_export) == "-":
        raise CannotCheckError("only one document can come from standard input")
    document = _read(preview or stack_export or Path("-"))
    before = _read(stack_export) if preview and stack_export else None
    declared = read_config(project_dir, export.read(document, before).environment) if project_dir else None
    report = check_export(
        document, declared, configuration=_configuration(config), today=_today(), before=before
    )
    text = FORMATS[format_.value](report)
    _write(text, output)
    raise typer.Exit(report.exit_code)


@app.command()
def docs(
    file: Annotated[
        Path | None, typer.Option("--output", help="Write it there instead of printing it.")
    ] = None,
) -> None:
    """Print docs/policies.md, made from the rules."""
    _write(reference.render(RULES, _configuration(None)), file)


@app.command("package")
def package_pack(
    target: Annotated[Path, typer.Option("--output", help="New or empty folder for the package.")],
) -> None:
    """Copy the pack into a folder that works on its own, e.g. for `pulumi policy publish`."""
    typer.echo(f"{package(target)}: run `pulumi install` there, then use it with --policy-pack")


def _read(file: Path) -> Any:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise CannotCheckError(f"{file} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise CannotCheckError(f"{file} is no JSON: {error}") from error


def _write(text: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotCheckError(f"{file} can't be written: {error.strerror}") from error


def _configuration(files: list[Path] | None) -> PackConfiguration:
    return configurations.load(RULES, _today(), *(files or []))


def _today() -> date:
    return datetime.now(UTC).date()


def _described(rule: AnyRule, configured: PackConfiguration) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity.value,
        "level": configured.level(rule).value,
        "title": rule.title,
        "why": rule.why,
        "fix": rule.fix,
        "url": rule.url,
        "references": list(rule.references),
        "compliance": requirements_of(rule),
        "types": sorted(rule.types),
        "reads": sorted(rule.reads) if isinstance(rule, StackRule) else [],
        "exceptionsAllowed": rule.exceptions_allowed,
        "settings": dict(configured.settings_of(rule)),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code. Usage mistakes exit with 2, as what could not be checked does."""
    try:
        app(args=arguments, prog_name="python -m policies")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else Exit.NOT_CHECKED
    except (
        CannotCheckError,
        UnreadableDocumentError,
        MissingConfigurationError,
        PackConfigurationError,
        PackageError,
    ) as problem:
        print(f"policies: {problem}", file=sys.stderr)  # noqa: T201  talk goes to stderr
        return Exit.NOT_CHECKED
    return Exit.CLEAN
