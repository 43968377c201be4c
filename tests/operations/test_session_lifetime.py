"""Nothing begins that the caller's credentials may not outlast."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from operations.session_lifetime import EXPIRATION, PER_STACK, SessionTooShortError, require_lifetime

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ends_in(duration: timedelta, **form: object) -> dict[str, str]:
    return {EXPIRATION: (NOW + duration).isoformat(**form)}  # type: ignore[arg-type]


def test_a_session_that_lasts_long_enough_passes() -> None:
    require_lifetime(ends_in(PER_STACK * 3), 3, now=NOW)


def test_a_session_that_ends_too_soon_is_refused_with_both_times_and_the_remedy() -> None:
    with pytest.raises(SessionTooShortError) as refused:
        require_lifetime(ends_in(timedelta(minutes=9)), 2, now=NOW)
    assert "ends in 9 min" in str(refused.value)
    assert "may take 10 min" in str(refused.value)
    assert "Log in again" in str(refused.value)
    assert refused.value.exit_code == 2


def test_what_may_be_put_back_takes_twice_as_long() -> None:
    session = ends_in(PER_STACK * 3)
    require_lifetime(session, 2, now=NOW)
    with pytest.raises(SessionTooShortError):
        require_lifetime(session, 2, may_be_put_back=True, now=NOW)


def test_a_session_that_has_ended_is_refused() -> None:
    with pytest.raises(SessionTooShortError, match="ends in 0 min"):
        require_lifetime(ends_in(-timedelta(hours=1)), 1, now=NOW)


@pytest.mark.parametrize("environ", [{}, {EXPIRATION: ""}])
def test_credentials_without_a_known_end_are_not_refused(environ: dict[str, str]) -> None:
    require_lifetime(environ, 100, now=NOW)


@pytest.mark.parametrize(
    "spelled", ["2026-03-01T14:00:00Z", "2026-03-01T14:00:00", "2026-03-01T16:00:00+02:00"]
)
def test_a_time_is_understood_with_any_offset_and_is_utc_without(spelled: str) -> None:
    require_lifetime({EXPIRATION: spelled}, 24, now=NOW)
    with pytest.raises(SessionTooShortError):
        require_lifetime({EXPIRATION: spelled}, 25, now=NOW)


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(SessionTooShortError, match="must be an ISO 8601 time, got 'soon'"):
        require_lifetime({EXPIRATION: "soon"}, 1, now=NOW)


def test_the_time_of_another_zone_is_compared_as_an_instant() -> None:
    zone = timezone(timedelta(hours=5))
    require_lifetime({EXPIRATION: (NOW + PER_STACK).astimezone(zone).isoformat()}, 1, now=NOW)
