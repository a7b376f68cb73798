"""What counts as a decision, and what as a difference."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.cli.replay.decisions import Decisions, differences
from exchange_connector.messages.notes import (
    FrameRead,
    GapTold,
    Happened,
    LagTold,
    Note,
    SubscriptionOpened,
)

FRAME = FrameRead(0, 1, "{}")
TRADES = SubscriptionOpened(0, "id-1", "trades", "BTCUSDT")
NAME = "subscription 1 (trades:BTCUSDT)"
BOOK = "order_book:BTCUSDT"


def state(subject: str, state: str) -> Note:
    """A change of state, as a file has it."""
    return Happened(1, {"type": "HealthChanged", "subject": subject, "state": state})


def gap(subscription: str = "id-1", channel: str = "trades", first: int = 5) -> Note:
    """A gap of two ids."""
    return GapTold(1, subscription, channel, "BTCUSDT", "missed", first, first + 1)


def decided(*notes: Note, states: dict[str, str] | None = None) -> Decisions:
    """What these decide."""
    decisions = Decisions()
    decisions.begin([TRADES], states or {})
    for note in notes:
        decisions.take(note)
    return decisions


@pytest.mark.parametrize(
    ("notes", "made"),
    [
        ([FRAME, gap()], {NAME: ["gap: missed 5-6"]}),
        ([gap()], {}),  # of what was before the recording
        ([FRAME, gap("", "order_book")], {}),  # of a book whose beginning is not in it
        (
            [FRAME, state(BOOK, "LIVE"), gap("", "order_book"), state(BOOK, "DOWN")],
            {f"{BOOK} (state)": ["LIVE", "not LIVE"], f"{BOOK} (the book)": ["gap: missed 5-6"]},
        ),
        ([state(BOOK, "DOWN"), state(BOOK, "RESYNCING")], {}),
        (
            [state("trades:BTCUSDT", each) for each in ("LIVE", "STALE", "LIVE", "DOWN")],
            {"trades:BTCUSDT (state)": ["LIVE", "DOWN"]},
        ),
        ([state("session-0", "LIVE")], {}),
        ([FRAME, gap("unknown")], {}),
    ],
)
def test_decisions(notes: list[Note], made: dict[str, list[str]]) -> None:
    """Each under what it is about, from where the replay can make it too."""
    decisions = decided(*notes)
    assert {about: each for about, each in decisions.made.items() if each} == made


def test_a_stream_that_was_live_is_live_in_the_replay_too() -> None:
    """A book is only from its first snapshot on."""
    decisions = decided(states={"trades:BTCUSDT": "LIVE", BOOK: "LIVE", "rest": "LIVE"})
    assert dict(decisions.made) == {"trades:BTCUSDT (state)": ["LIVE"]}
    assert decisions.compared("BTCUSDT", "LIVE") == f"{BOOK} (state)"
    assert decisions.compared("ETHUSDT", "DOWN") == ""


@pytest.mark.parametrize(
    ("recorded", "replayed", "before_the_end", "words"),
    [
        ([5], [5], 1, []),
        ([5], [7], 1, ["decision 1 was gap: missed 5-6; instead: gap: missed 7-8"]),
        ([5, 9], [5], 1, ["decision 2 was gap: missed 9-10; nothing in the replay"]),
        ([5], [5, 9], 2, ["nothing was recorded for decision 2: gap: missed 9-10"]),
        ([5], [5, 9], 1, []),  # in the last moments
    ],
)
def test_differences(
    recorded: list[int], replayed: list[int], before_the_end: int, words: list[str]
) -> None:
    """The first of each kind, in words."""
    was = decided(FRAME, *(gap(first=first) for first in recorded))
    made = decided(FRAME, *(gap(first=first) for first in replayed))
    found = differences(was, made, {NAME: before_the_end})
    assert found == [f"{NAME}: {each}" for each in words]


def test_one_that_lagged_is_not_compared() -> None:
    """What it was told depends on how slow it was."""
    was = decided(FRAME, LagTold(1, "id-1", 3), gap())
    assert differences(was, decided(FRAME), {}) == []
    assert was.lagged == {NAME}


def test_rejected_frames_are_compared_in_any_order() -> None:
    """Several threads find them."""

    def rejected(*excerpts: str) -> Decisions:
        errors: list[dict[str, Any]] = [
            {"type": "ProtocolError", "reason": "bad", "excerpt": each} for each in excerpts
        ]
        return decided(*(Happened(1, {"type": "ErrorOccurred", "error": each}) for each in errors))

    assert differences(rejected("a", "b"), rejected("b", "a"), {}) == []
    assert differences(rejected("a", "b"), rejected("a"), {}) != []


def test_a_silent_stream_is_not_compared() -> None:
    """That goes by the clock; what others were told is."""
    was, made = Decisions(), Decisions()
    for decisions in (was, made):
        for note in (FRAME, TRADES, SubscriptionOpened(0, "id-2", "ticker", "BTCUSDT")):
            decisions.take(note)
    was.take(GapTold(1, "id-1", "trades", "BTCUSDT", "stalled", 5))
    was.take(gap(first=7))
    was.take(gap("id-2", "ticker", 3))
    assert was.silent == {"trades:BTCUSDT"}
    assert was.is_left_out(NAME)
    assert differences(was, made, {}) == [
        "subscription 2 (ticker:BTCUSDT): decision 1 was gap: missed 3-4; nothing in the replay"
    ]


def test_an_interruption_names_where_it_began() -> None:
    """The last id is not known then."""
    decisions = Decisions()
    for note in (FRAME, TRADES, GapTold(1, "id-1", "trades", "BTCUSDT", "disconnected", 5)):
        decisions.take(note)
    assert decisions.made == {NAME: ["gap: disconnected 5-"]}
