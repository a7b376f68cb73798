"""What the exchange's answers say: latency, clock, limits, streams. Pure."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from ...messages.config import ClockSyncConfig, RateLimitConfig
from ...messages.errors import ConnectorError, ExchangeError
from ...messages.health import Health
from ...messages.instruments import RateLimit
from ...messages.lifecycle import ClockStatus
from .finding import Check, Finding, Value, milliseconds
from .measured import PingFailed, Pings, StreamDown, StreamSeen
from .refusals import BROKEN, NO_HTTP, SILENT, STATUSES, STRANGER, advice_on

SLOW = 1.0
"""Seconds: a round trip that takes longer is told."""
MUCH_USED = 0.8
"""Of the request weight, the share beyond which it is told."""
_MINUTE = 60.0
_NTP = "timedatectl set-ntp true"
_UNITS = {
    "REQUEST_WEIGHT": "weight",
    "ORDERS": "orders",
    "RAW_REQUESTS": "requests",
}
_PERIODS = {1.0: "a second", 60.0: "a minute", 3600.0: "an hour", 86_400.0: "a day"}


def judge_rest(outcome: Pings | PingFailed, exchange: str) -> Finding:
    """Whether REST answers, and how fast."""
    if isinstance(outcome, PingFailed):
        return _judge_failure(outcome, exchange)
    times = outcome.round_trips
    median = statistics.median(times)
    figure = (
        f"{milliseconds(median)} there and back (median of {len(times)}, "
        f"{milliseconds(min(times))} to {milliseconds(max(times))})"
    )
    if median > SLOW:
        advice = "That is far: run the bot nearer to the exchange, or look for a busy network."
        return Finding.warning(Check.REST, figure, advice, round_trip_seconds=median)
    return Finding.ok(Check.REST, figure, round_trip_seconds=median, pings=len(times))


def _judge_failure(failure: PingFailed, exchange: str) -> Finding:
    advice = STATUSES.get(failure.status) or advice_on(failure.error, exchange)
    figure = str(failure.error)
    if failure.status >= 300:
        words = failure.error.message if isinstance(failure.error, ExchangeError) else ""
        figure = f"HTTP status {failure.status}" + (f" ({words})" if words else "")
    values: dict[str, Value] = {"status": failure.status}
    if failure.wait is not None:
        figure += f", silence wanted for {failure.wait:.0f} s"
        values["wait_seconds"] = failure.wait
    return Finding.wrong(Check.REST, figure, advice, **values)


def judge_clock(
    outcome: ClockStatus | ConnectorError, config: ClockSyncConfig, exchange: str
) -> Finding:
    """How far this machine's clock is off, against what the configuration allows."""
    if isinstance(outcome, ConnectorError):
        return Finding.wrong(Check.CLOCK, f"not measured: {outcome}", advice_on(outcome, exchange))
    offset, uncertainty, bound = outcome.offset, outcome.uncertainty, config.max_offset
    side = "behind" if offset > 0 else "ahead of"
    figure = f"{abs(offset):.3f} s {side} the exchange's, +/- {uncertainty:.3f} s"
    figure += f" ({bound:g} s is allowed)"
    values: dict[str, Value] = {
        "offset_seconds": offset,
        "uncertainty_seconds": uncertainty,
        "max_offset_seconds": bound,
    }
    if uncertainty > bound:
        advice = (
            "The way there is too slow to know the time, so nothing is signed: see the network."
        )
        return Finding.wrong(Check.CLOCK, figure, advice, **values)
    if abs(offset) > bound:
        signing = (
            "requests are signed by the exchange's time and still go through"
            if config.enabled
            else "clock_sync is off, so signed requests will be refused"
        )
        advice = f"Turn NTP on: {_NTP} ({signing})."
        return Finding.wrong(Check.CLOCK, figure, advice, **values)
    return Finding.ok(Check.CLOCK, figure, **values)


def judge_limits(
    limits: Sequence[RateLimit] | ConnectorError,
    health: Health,
    config: RateLimitConfig,
    exchange: str,
) -> Finding:
    """The request weight of this minute, and what else the exchange counts."""
    if isinstance(limits, ConnectorError):
        return Finding.wrong(Check.LIMITS, f"not known: {limits}", advice_on(limits, exchange))
    weights = [each for each in limits if each.kind == "REQUEST_WEIGHT" and each.period == _MINUTE]
    others = [each for each in limits if each not in weights]
    limit = min((each.limit for each in weights), default=health.weight_limit)
    used = health.weight_used
    figure = f"{used:,} of {limit:,} weight used in this minute"
    if health.weight_limit < limit:
        figure += f" (this bot stops at {health.weight_limit:,})"
    figure = "; ".join((figure, *(_words(each) for each in others)))
    values: dict[str, Value] = {"weight_used": used, "weight_limit": limit}
    if not config.enabled:
        advice = "rate_limit is off, so a bot that asks too fast is banned: set rate_limit.enabled."
        return Finding.warning(Check.LIMITS, figure, advice, **values)
    if used > MUCH_USED * limit:
        advice = "Something else behind this address uses it up: find it, or give it another one."
        return Finding.warning(Check.LIMITS, figure, advice, **values)
    return Finding.ok(Check.LIMITS, figure, **values)


def judge_stream(outcome: StreamSeen | StreamDown | ConnectorError, exchange: str) -> Finding:
    """Whether events come, and how soon."""
    match outcome:
        case ConnectorError():
            figure = f"the subscription was refused: {outcome}"
            return Finding.wrong(Check.STREAM, figure, advice_on(outcome, exchange))
        case StreamDown(cause=""):
            return Finding.wrong(
                Check.STREAM,
                f"connected, and no answer to a subscription within {outcome.waited:.1f} s",
                "The far end is stuck, or is no exchange: see its status page, correct stream_url.",
            )
        case StreamDown():
            return Finding.wrong(
                Check.STREAM,
                f"no session within {outcome.waited:.1f} s: {outcome.cause}",
                _session_advice(outcome.cause),
            )
        case StreamSeen():
            return _judge_events(outcome)


def _judge_events(seen: StreamSeen) -> Finding:
    if seen.first_event is None:
        return Finding.wrong(
            Check.STREAM,
            f"{seen.symbol}: subscribed, and no event within {seen.waited:.1f} s",
            "A bot would see a market that stands still: the exchange's streams stall, or "
            "something on the way holds frames back; see its status page.",
        )
    confirmed, first = milliseconds(seen.confirmed), milliseconds(seen.first_event)
    return Finding.ok(
        Check.STREAM,
        f"{seen.symbol}: subscribed in {confirmed}, first event after {first}",
        symbol=seen.symbol,
        first_event_seconds=seen.first_event,
    )


def _session_advice(cause: str) -> str:
    """What to do about a session's cause, which the library has in words only."""
    if (found := re.search(r"HTTP status (\d+)", cause)) is not None:
        return _upgrade_advice(int(found[1]))
    if "Redirect" in cause:
        return STRANGER
    if "Invalid status line" in cause or "Invalid header line" in cause:
        return NO_HTTP
    return SILENT if "not connected" in cause else BROKEN


def _upgrade_advice(status: int) -> str:
    if status in STATUSES:
        return STATUSES[status]
    if status < 400:
        return STRANGER
    return "The far end takes no websockets now: see its status page, correct stream_url."


def _words(limit: RateLimit) -> str:
    unit = _UNITS.get(limit.kind, limit.kind)
    period = _PERIODS.get(limit.period)
    if period is None:
        minutes = limit.period / 60
        period = f"in {limit.period:g} s" if minutes < 1 else f"in {minutes:g} min"
    return f"{limit.limit:,} {unit} {period}"
