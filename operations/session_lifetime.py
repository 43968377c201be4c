"""How long the caller's AWS credentials last, compared with what an operation may take."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from operations.errors import CommandError

EXPIRATION = "AWS_CREDENTIAL_EXPIRATION"
"""The variable in which tools such as `aws configure export-credentials` put the end of a session (ISO 8601).

SDKs renew credentials from a profile; without the variable no end is known, and nothing is refused.
"""
PER_STACK = timedelta(minutes=5)
"""Time for one stack: behind a real plugin a payments stack took 1.5 minutes, a verification up to 3."""


class SessionTooShortError(CommandError):
    """The credentials may end while the operation is still running."""


def require_lifetime(
    environ: Mapping[str, str], stacks: int, *, may_be_put_back: bool = False, now: datetime | None = None
) -> None:
    """Raise SessionTooShortError if the session may end before an operation on so many stacks has.

    Args:
        environ: the environment of the engine.
        stacks: how many stacks are updated, verified or taken down.
        may_be_put_back: whether the operation may have to be undone by the same session.
        now: the time, in UTC; the present by default.
    """
    text = environ.get(EXPIRATION, "")
    try:
        ends = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise SessionTooShortError(
            f"{EXPIRATION} must be an ISO 8601 time, got {text!r}.", remedy="Correct or unset it."
        ) from None
    if ends is None:
        return
    left = (ends if ends.tzinfo else ends.replace(tzinfo=UTC)) - (now or datetime.now(UTC))
    needed = PER_STACK * stacks * (2 if may_be_put_back else 1)
    if left < needed:
        raise SessionTooShortError(
            f"The AWS session ends in {_minutes(left)} ({EXPIRATION}), and this may take "
            f"{_minutes(needed)}: nothing was touched.",
            remedy="Log in again for longer, such as with --duration-seconds or role-duration-seconds.",
        )


def _minutes(duration: timedelta) -> str:
    return f"{max(0, round(duration.total_seconds() / 60))} min"
