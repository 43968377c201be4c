"""Look at a payment: where it stands, and everything that happened to it.

Works as the environment's operator, on AWS and in the sandbox alike. Account references are masked. Exits
with 0 where the payment is shown; 1 where there is none of that id, or its audit trail is not in order; 2
where it could not be looked at.
"""

import sys
from typing import Annotated

import typer
from rich.console import Console

from components.environment import LADDER
from functions.payment_processor.contract import SCHEMA, fits
from operations.operator import CouldNotOperate, operating
from operations.payments.ledger import LedgerReader
from operations.payments.timeline import as_json, as_timeline

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def _payment() -> None:
    """Keeps `show` a command of its own, although it is the only one."""


@app.command()
def show(
    payment_id: Annotated[str, typer.Argument(help="The producer's paymentId.", metavar="PAYMENT_ID")],
    env: Annotated[
        str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
    ],
    json: Annotated[bool, typer.Option("--json", help="Write it to standard output as JSON.")] = False,
) -> None:
    """Show a payment and its audit trail."""
    rule = SCHEMA["properties"]["paymentId"]
    if not fits(payment_id, rule):
        raise typer.BadParameter(f"a paymentId is {rule['description']}.", param_hint="PAYMENT_ID")
    try:
        with operating(env) as operator:
            record = LedgerReader(operator.client("dynamodb"), operator.outputs["tableName"]).record(
                payment_id
            )
    except CouldNotOperate as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(2) from None
    if record is None:
        sys.stderr.write(f"The ledger of {env} has no payment {payment_id}.\n")
        raise typer.Exit(1)
    if json:
        sys.stdout.write(as_json(record) + "\n")
    else:
        Console().print(as_timeline(record))
    raise typer.Exit(1 if record.problems else 0)


if __name__ == "__main__":
    app()
