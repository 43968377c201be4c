"""Make the repository yours: write your organisation's values into the stack files.

Takes the values from options, from a file (--from) or from your answers, checks all of them with the
projects' own rules, shows the changes as a diff, asks, and writes. Run it again at any time: without new
values it changes nothing. Exit codes: 0 done or nothing to do, 1 declined, or --check found a difference, 2 a
value is not valid or a file was edited by hand.
"""

import json as json_format
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.syntax import Syntax
from ruamel.yaml.error import YAMLError

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from operations import REPOSITORY
from operations.organisation import existing
from operations.organisation.answers import Answers, apply, pairs, placeholders
from operations.organisation.model import FILE, Organisation
from operations.organisation.stack_values import mistakes, overlaps
from operations.organisation.write import FileChange, edited, load, plan, write

app = typer.Typer(help=__doc__, add_completion=False, rich_markup_mode=None)
EACH = f"ENVIRONMENT=VALUE ({', '.join(LADDER)}); repeat for each."


@app.command(help=__doc__)
def init(
    source: Annotated[
        Path | None,
        typer.Option("--from", help=f"YAML file with all values, of the form of {FILE}.", dir_okay=False),
    ] = None,
    suffix: Annotated[str | None, typer.Option(help="Last part of every resource's name.")] = None,
    account: Annotated[list[str] | None, typer.Option(help=f"AWS account id: {EACH}")] = None,
    region: Annotated[list[str] | None, typer.Option(help=f"AWS region: {EACH}")] = None,
    cidr: Annotated[list[str] | None, typer.Option(help=f"Address range of the VPC: {EACH}")] = None,
    email_domain: Annotated[
        str | None, typer.Option(help="Domain of all notification and operator addresses.")
    ] = None,
    deployer_role: Annotated[
        str | None, typer.Option(help="Name of the IAM role that deploys, in each environment's account.")
    ] = None,
    github_repository: Annotated[
        str | None, typer.Option(help="OWNER/NAME whose GitHub environments deploy; empty for none.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help=f"Only report whether the stack files agree with {FILE}.")
    ] = False,
    existing_accounts: Annotated[
        bool,
        typer.Option("--existing", help="Also check the accounts, read-only, for obstacles."),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace values that were edited in stack files."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Write the outcome to standard output as JSON.")
    ] = False,
    root: Annotated[Path, typer.Option(hidden=True)] = REPOSITORY,
) -> None:
    """Write the organisation's values into the stack files."""
    try:
        recorded = _recorded(root)
        answers = Answers(
            suffix=suffix,
            github_repository=github_repository,
            email_domain=email_domain,
            deployer_role=deployer_role,
            accounts=pairs(account or [], "--account"),
            regions=pairs(region or [], "--region"),
            cidrs=pairs(cidr or [], "--cidr"),
        )
        wanted = Organisation.parse(_read(source)) if source else recorded
        if not source and answers == Answers() and not (check or yes or json) and sys.stdin.isatty():
            answers = _ask(recorded)
        wanted = apply(answers, wanted)
    except InvalidConfiguration as invalid:
        _refuse(str(invalid), json)
    if found := mistakes(wanted, projects=root / "projects"):
        _refuse(str(InvalidConfiguration(FILE, found)), json)
    changes = plan(wanted, root, recorded=recorded)
    if check:
        _report(changes, json)
        raise typer.Exit(1 if changes else 0)
    touched = edited(recorded, root, committed=_committed(root))
    if touched and not overwrite:
        lines = "".join(
            f"\n  {item.path.relative_to(root)}: {item.key} is {item.current!r}, {FILE} has {item.recorded!r}"
            for item in touched
        )
        _refuse(
            f"Stack files were edited by hand:{lines}\nCopy the values into {FILE}, or pass --overwrite.",
            json,
        )
    if existing_accounts:
        _look(wanted, json)
    for warning in [*overlaps(wanted), *(f"Still a placeholder: {item}" for item in placeholders(wanted))]:
        _say(warning)
    _report(changes, json)
    if not changes:
        return
    if not yes:
        _agree()
    write(changes)
    _say(f"Wrote {len(changes)} files. Commit them before you deploy: a release is a commit.")


def _recorded(root: Path) -> Organisation:
    if not (root / FILE).exists():
        _refuse(
            f"There is no {FILE}. Restore it from git, or write all values into a file and pass --from.",
            False,
        )
    return Organisation.parse(_read(root / FILE))


def _committed(root: Path) -> Organisation | None:
    """organisation.yaml of the last commit; None without git, or where it is not valid."""
    git = shutil.which("git")
    if git is None:
        return None
    shown = subprocess.run(  # noqa: S603  a fixed command, no shell
        [git, "-C", str(root), "show", f"HEAD:./{FILE}"], capture_output=True, text=True, check=False
    )
    try:
        return Organisation.parse(load(shown.stdout)) if shown.returncode == 0 else None
    except (YAMLError, InvalidConfiguration):
        return None


def _read(path: Path) -> object:
    try:
        return load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        _refuse(f"{path} is not a readable YAML file: {' '.join(str(error).split())}", False)


def _ask(current: Organisation) -> Answers:
    """Ask for each value; Enter keeps the one in brackets."""

    def ask(question: str, default: str) -> str:
        return str(typer.prompt(question, default=default, err=True)).strip()

    first = next(iter(current.environments.values()))
    domain, role = (
        first.operator_emails[0].rpartition("@")[2],
        first.deployer_principals[0].rpartition("/")[2],
    )
    suffix = ask("Suffix of all names (3 to 12 lower-case letters and digits)", current.suffix)
    new_domain = ask("Domain of notification and operator addresses", domain)
    new_role = ask("Name of the IAM role that deploys", role)
    repository = ask("GitHub repository OWNER/NAME ('-' for none)", current.github_repository or "-")
    accounts, regions, cidrs = {}, {}, {}
    for name, environment in current.environments.items():
        accounts[name] = ask(f"{name}: AWS account id", environment.account_id)
        regions[name] = ask(f"{name}: AWS region", environment.region)
        cidrs[name] = ask(f"{name}: address range of the VPC", environment.vpc_cidr)
    return Answers(
        suffix=suffix,
        github_repository="" if repository == "-" else repository,
        email_domain=new_domain if new_domain != domain else None,
        deployer_role=new_role if new_role != role else None,
        accounts=accounts,
        regions=regions,
        cidrs=cidrs,
    )


def _look(wanted: Organisation, json: bool) -> None:
    obstacles, unchecked = existing.look(wanted)
    for item in unchecked:
        _say(f"not checked: {item}")
    if obstacles:
        _refuse("The accounts are not ready:" + "".join(f"\n  {item}" for item in obstacles), json)
    _say("Nothing in the accounts is in the way, as far as it was checked.")


def _report(changes: list[FileChange], json: bool) -> None:
    if json:
        print(json_format.dumps({"changed": [str(change.path) for change in changes]}, indent=2))
        return
    console = Console(soft_wrap=True)
    for change in changes:
        console.print(
            Syntax(change.diff, "diff", background_color="default") if console.is_terminal else change.diff
        )
    if not changes:
        console.print("Nothing to change: the stack files hold these values already.")


def _agree() -> None:
    if not sys.stdin.isatty():
        _say("There is no terminal to ask on: pass --yes to write the files.")
        raise typer.Exit(2)
    if not typer.confirm("Write these files?", err=True):
        raise typer.Exit(1)


def _refuse(message: str, json: bool) -> NoReturn:
    if json:
        print(json_format.dumps({"error": message}, indent=2))
    _say(message)
    raise typer.Exit(2)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
