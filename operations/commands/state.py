"""Make the bucket that keeps the stacks' state for a team, and a key for the secrets of each environment.

Run it once, with credentials of the account that is to hold the state: best none of those that it describes.
Running it again changes nothing, or puts right what is no longer as it should be.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from components.environment import LADDER
from operations.state.access import access_policy
from operations.state.account import Account, WrongPlaceError
from operations.state.backend import Backend
from operations.state.plan import Step, decide, in_use

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Bucket = Annotated[
    str, typer.Option("--bucket", help="Its name: unique in all of AWS, such as acme-payments-state.")
]
Region = Annotated[
    str, typer.Option("--region", envvar="AWS_REGION", help="Region of bucket and keys, such as eu-west-1.")
]
Environments = Annotated[
    list[str] | None,
    typer.Option("--env", help=f"Environment ({', '.join(LADDER)}); repeat for more.  [default: all]"),
]
Owner = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Account that is to hold it: refused with the credentials of another.  [default: the caller's]",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command()
def create(bucket: Bucket, region: Region, account_id: Owner = None, yes: Yes = False) -> None:
    """Make bucket and keys: versioned, encrypted, TLS only, not public. Asks before it does.

    Statements and rules that others have added to the bucket's policy and lifecycle stay.
    """
    with _refusals():
        account = Account(_session(region))
        backend = _backend(bucket, region, _owner(account, account_id))
        steps = decide(account.read(backend), backend)
        for step in steps:
            _say(f"  {step}")
            if step.before is not None:
                _say(f"    from {json.dumps(step.before)}\n    to   {json.dumps(step.value)}")
        if steps and not yes:
            _agree()
        for step in steps:
            account.carry_out(step, backend)
            _say(f"done: {step}")
    print(f"export PULUMI_BACKEND_URL='{backend.url}'")
    print(f"export STACK_SECRETS_PROVIDER='{backend.secrets_provider}'")


@app.command()
def check(bucket: Bucket, region: Region, account_id: Owner = None) -> None:
    """Say what is not as `create` makes it. Changes nothing; exit code 1 where something is amiss."""
    with _refusals():
        account = Account(_session(region))
        backend = _backend(bucket, region, _owner(account, account_id))
        amiss = decide(account.read(backend), backend)
    print("\n".join(f"missing or different: {_told(step)}" for step in amiss) or "as it should be")
    raise typer.Exit(1 if amiss else 0)


@app.command()
def policy(
    bucket: Bucket,
    region: Region,
    account_id: Annotated[str, typer.Option("--account", help="Account of the bucket: 12 digits.")],
    env: Environments = None,
    write: Annotated[
        bool, typer.Option("--write", help="To deploy; without it to preview and compare.")
    ] = False,
) -> None:
    """Print the policy that a role needs, to use the state of some environments."""
    print(access_policy(_backend(bucket, region), account_id, "write" if write else "read", _known(env)))


@app.command()
def destroy(bucket: Bucket, region: Region, account_id: Owner = None, yes: Yes = False) -> None:
    """Remove it all, with every version of every state. Refused while a stack still holds resources."""
    with _refusals():
        account = Account(_session(region))
        backend = _backend(bucket, region, _owner(account, account_id))
        found = account.read(backend)
        if not found.bucket:
            _say(f"There is no bucket {bucket}.")
            raise typer.Exit(2)
        if used := in_use(found):
            _say(
                f"These stacks still hold resources, which nothing would know of any more: {', '.join(used)}."
            )
            _say("Destroy them first: python scripts/deploy.py destroy --env ENVIRONMENT")
            raise typer.Exit(1)
        if not yes and typer.prompt("The name of the bucket, to remove it for good", err=True) != bucket:
            raise typer.Exit(1)
        account.remove(backend)


def _backend(bucket: str, region: str, account_id: str = "") -> Backend:
    return Backend(bucket=bucket, region=region, environments=LADDER, account_id=account_id)


def _owner(account: Account, named: str | None) -> str:
    found = account.id()
    if named not in (None, found):
        raise WrongPlaceError(f"These are credentials of the account {found}, not of {named}.")
    return found


def _told(step: Step) -> str:
    return f"{step}, which is {step.before}" if step.action == "restore key" else str(step)


def _known(environments: list[str] | None) -> tuple[str, ...]:
    if unknown := [each for each in environments or () if each not in LADDER]:
        _say(f"There is no {', '.join(unknown)}. There are {', '.join(LADDER)}.")
        raise typer.Exit(2)
    return tuple(environments or LADDER)


def _session(region: str) -> Any:
    return boto3.Session(region_name=region)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except WrongPlaceError as error:
        _say(str(error))
        raise typer.Exit(2) from None
    except (ClientError, BotoCoreError) as error:
        _say(f"AWS refused: {error}")
        _say("What was done until then stays, and running the same again goes on from there.")
        raise typer.Exit(2) from None


def _agree() -> None:
    if not sys.stdin.isatty():
        _say("There is no terminal to ask on: pass --yes to go ahead.")
        raise typer.Exit(2)
    if not typer.confirm("Go ahead?", err=True):
        raise typer.Exit(1)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
