"""The connector's life in words."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest

from exchange_connector import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    CircuitState,
    ClockStatus,
    ClockSynchronized,
    Connected,
    Disconnected,
    ErrorOccurred,
    Event,
    HealthChanged,
    HealthState,
    Ready,
    Replied,
    RequestFailed,
    SessionReplaced,
    Side,
    Stopped,
    StreamGap,
    SubscriberLagged,
    Subscription,
    Trade,
    ValidationError,
)
from exchange_connector.cli.story import Line, LinkCut, LinkRestored, Tone, in_words, merged

B = "binance"
TOLD: list[tuple[object, Tone, str]] = [
    (Ready(B), Tone.GOOD, "Ready"),
    (Connected(B, "session-0"), Tone.GOOD, "Connected session-0"),
    (Disconnected(B, "reset", "session-0"), Tone.BAD, "Disconnected session-0 reset"),
    (SessionReplaced(B, "session-0", "old"), Tone.GOOD, "SessionReplaced session-0 old"),
    (HealthChanged(B, "rest", HealthState.LIVE, "", 0), Tone.GOOD, "HealthChanged rest LIVE"),
    (
        HealthChanged(B, "rest", HealthState.DOWN, "died", 0),
        Tone.BAD,
        "HealthChanged rest DOWN: died",
    ),
    (
        HealthChanged(B, "trades:X", HealthState.RESYNCING, "", 0),
        Tone.PLAIN,
        "HealthChanged trades:X RESYNCING",
    ),
    (ActorRestarted(B, "rest", "died", 2), Tone.BAD, "ActorRestarted rest restart 2: died"),
    (
        CircuitBreakerStateChanged(B, CircuitState.CLOSED, CircuitState.OPEN),
        Tone.PLAIN,
        "CircuitBreakerStateChanged closed to open",
    ),
    (
        ClockSynchronized(B, ClockStatus(0.0012, 0.001, 0.0005, 1, True)),
        Tone.PLAIN,
        "ClockSynchronized offset +1.200 ms, +/- 0.500 ms",
    ),
    (SubscriberLagged(B, "id-1", 5), Tone.BAD, "SubscriberLagged id-1 5 events dropped"),
    (
        ErrorOccurred(B, ValidationError("symbol", "X", "unknown")),
        Tone.BAD,
        "ErrorOccurred ValidationError: symbol: unknown (got 'X')",
    ),
    (Stopped(B, "gave up"), Tone.PLAIN, "Stopped gave up"),
    (
        StreamGap(B, "BTCUSDT", 1, 1, "trades", "missed", 4, 6, 3),
        Tone.BAD,
        "StreamGap trades:BTCUSDT missed, 3 missed",
    ),
    (
        Replied(request_id=1, reply=Subscription("id-1", "trades", "BTCUSDT")),
        Tone.PLAIN,
        "Subscription trades:BTCUSDT confirmed",
    ),
    (
        RequestFailed(request_id="ticker:X", error=ValidationError("symbol", "X", "unknown")),
        Tone.BAD,
        "RequestFailed ticker:X symbol: unknown (got 'X')",
    ),
    (LinkCut(), Tone.DEMO, "demo cuts the link, and refuses new connections"),
    (LinkRestored(), Tone.DEMO, "demo lets the connector connect again"),
]


@pytest.mark.parametrize(("message", "tone", "text"), TOLD)
def test_words(message: object, tone: Tone, text: str) -> None:
    """Each event says its kind, its subject and what happened."""
    words = in_words(message)
    assert words is not None
    assert words.tone is tone
    assert " ".join(part for part in (words.kind, words.subject, words.text) if part) == text


def test_every_event_of_the_connectors_life_has_words() -> None:
    """None is left out; market data is none of them, but for a gap."""
    market = {"Ticker", "Trade", "BookTicker", "Kline", "OrderBook", "OrderBookUpdate", "Balance"}
    market |= {"Order", "Fill"}
    known = {type(message).__name__ for message, _, _ in TOLD}
    assert {kind.__name__ for kind in get_args(Event)} - market <= known
    assert in_words(Trade(B, "X", 1, 1, "1", Decimal(1), Decimal(1), Side.BUY, 1)) is None


def test_the_same_of_several_subjects_is_one() -> None:
    """Within half a second, also where other lines stand in between."""
    down = [HealthChanged(B, name, HealthState.DOWN, "reset", 0) for name in ("a", "b", "c")]
    messages = [down[0], Ready(B), down[1], down[2]]
    story = [
        Line(number, at, words)
        for number, (at, message) in enumerate(zip((0, 1, 2, 900_000_000), messages, strict=True))
        if (words := in_words(message)) is not None
    ]
    assert [(entry.words.kind, entry.subjects) for entry in merged(story)] == [
        ("HealthChanged", ("a", "b")),
        ("Ready", ()),
        ("HealthChanged", ("c",)),
    ]


def test_the_same_of_the_same_subject_is_two() -> None:
    """What happened twice is told twice."""
    words = in_words(Connected(B, "session-0"))
    assert words is not None
    assert len(merged([Line(0, 0, words), Line(1, 1, words)])) == 2
