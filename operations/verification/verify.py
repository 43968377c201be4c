"""A verification from beginning to end: health, probes, findings, and nothing left behind."""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from operations.verification.account import Account
from operations.verification.findings import Finding, findings
from operations.verification.outcome import Failed, NotVerifiable, Passed, Verification
from operations.verification.probes import Probe, probes
from operations.verification.target import Target

SPARE_SECONDS = 120
"""What processing may take beside the time that a poison message needs to its dead-letter queue."""
SECONDS_BETWEEN_LOOKS = 2
"""Each look waits so long for a dead letter."""


def verify(
    target: Target,
    *,
    time_limit: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Whether payments go through the environment as they should, and no alarm begins meanwhile.

    Alarms that are on already say nothing about what is verified: they are in the result, and do not count.

    `time_limit`, in seconds, is by default what a poison message needs to the dead-letter queue, which is
    minutes on AWS (receives times visibility timeout), and some more. `tell` hears what is being done.

    Raises NotVerifiable where the account can't be asked, and where no probe failed but something else speaks
    against the environment: an alarm that began, or a path of the probes that is not that of customers. What
    was sent is taken away again in any case.
    """
    began = time.monotonic()
    digest = target.outputs["artifactDigest"]
    try:
        reasons, ignored = _reasons(target, began, time_limit, tell)
    except (ClientError, BotoCoreError) as error:
        raise NotVerifiable(f"payments/{target.environment} could not be verified: {error}") from error
    seconds = time.monotonic() - began
    if reasons:
        return Failed(
            environment=target.environment,
            artifact_digest=digest,
            reasons=reasons,
            seconds=seconds,
            alarms_before=ignored,
        )
    return Passed(
        environment=target.environment, artifact_digest=digest, seconds=seconds, alarms_before=ignored
    )


def _reasons(
    target: Target, began: float, time_limit: float | None, tell: Callable[[str], None]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What failed, and which alarms were on before."""
    run = secrets.token_hex(6)
    account = Account(target, run)
    before = tuple(account.alarms())
    if before:
        tell(f"{target.environment}: on already, and not counted: {', '.join(before)}")
    differences = account.path_differences()
    if differences:  # the probes would prove nothing about customers' payments
        raise _not_verifiable(target, differences)
    limit = SPARE_SECONDS + account.seconds_to_dead_letter() if time_limit is None else time_limit
    sent = probes(run, datetime.now(UTC))
    tell(f"{target.environment}: sends {len(sent)} kinds of payments, and waits {limit:.0f} s at most")
    found: tuple[Finding, ...] | None = None
    try:
        account.send(sent)
        found = _await(target, account, sent, began + limit, tell)
    finally:
        account.clean(settled=found == ())
    late = f" (after {limit:.0f} s)"
    failed = tuple(finding.reason + ("" if finding.final else late) for finding in found)
    begun = tuple(
        f"the alarm {name} began during the verification" for name in account.alarms() if name not in before
    )
    if begun and not failed:
        raise _not_verifiable(target, begun)
    return failed + begun, before


def _not_verifiable(target: Target, reasons: Sequence[str]) -> NotVerifiable:
    return NotVerifiable(
        f"payments/{target.environment} could not be verified, though no probe failed: {'; '.join(reasons)}"
    )


def _await(
    target: Target, account: Account, sent: Sequence[Probe], deadline: float, tell: Callable[[str], None]
) -> tuple[Finding, ...]:
    """The findings once there are none, or one is final, or time is up."""
    while True:
        if target.deliver is not None:
            target.deliver()
        found = findings(account.see(sent, wait_seconds=0 if target.deliver else SECONDS_BETWEEN_LOOKS))
        if not found or any(finding.final for finding in found) or time.monotonic() >= deadline:
            return found
        tell(f"{target.environment}: {found[0].reason}, yet")
