"""What a replay cannot know, since it was before the recording, is not asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.cli.replay.memory import Memory
from exchange_connector.cli.replay.script import Script
from exchange_connector.messages.notes import (
    AnyNote,
    FrameRead,
    GapTold,
    Header,
    RestAnswered,
    SubscriptionOpened,
)
from exchange_connector.venues import DRIVERS

TRADES = SubscriptionOpened(0, "id-1", "trades", "BTCUSDT")
FRAME = FrameRead(1_000, 1, '{"stream":"btcusdt@trade","data":{"e":"trade"}}')
OTHER = FrameRead(1_000, 1, '{"stream":"ethusdt@trade","data":{"e":"trade"}}')
CUT = GapTold(1_001, "id-1", "trades", "BTCUSDT", "disconnected", 7)
CUT_NAMELESS = GapTold(1_001, "id-1", "trades", "BTCUSDT", "disconnected")
MISSED = GapTold(1_002, "id-1", "trades", "BTCUSDT", "missed", 12, 13)
LEFT = GapTold(1_004, "id-1", "trades", "BTCUSDT", "unrecovered", 7, 9)
PAGE = RestAnswered(
    1_003, "GET", "/api/v3/historicalTrades", "symbol=BTCUSDT&fromId=7&limit=3", 200, is_own=True
)
EARLY = RestAnswered(1_003, "GET", PAGE.path, PAGE.query, 200, is_own=True, took=1.0)
CANDLES = RestAnswered(
    1_003, "GET", "/api/v3/klines", "symbol=BTCUSDT&interval=1m&startTime=1", 200, is_own=True
)
OTHERS = RestAnswered(1_003, "GET", PAGE.path, PAGE.query, 200)


@pytest.mark.parametrize(
    ("state", "notes", "kept"),
    [
        ("LIVE", [FRAME, CUT, FRAME, PAGE, LEFT], [FRAME, CUT, FRAME, PAGE, LEFT]),
        ("LIVE", [CUT, FRAME, PAGE, LEFT], [CUT_NAMELESS, FRAME]),
        ("LIVE", [OTHER, CUT, FRAME, PAGE], [OTHER, CUT_NAMELESS, FRAME]),
        ("LIVE", [CUT, FRAME, MISSED, PAGE], [CUT_NAMELESS, FRAME, MISSED, PAGE]),
        ("DOWN", [FRAME, PAGE, LEFT], [FRAME]),
        ("LIVE", [FRAME, EARLY, LEFT], [FRAME]),
        ("LIVE", [CUT, CANDLES, OTHERS], [CUT_NAMELESS, CANDLES, OTHERS]),
    ],
    ids=["in it", "not in it", "of another", "seen since", "down", "under way", "others"],
)
def test_what_was_before(state: str, notes: list[AnyNote], kept: list[AnyNote]) -> None:
    """An interruption of a stream whose events are in the recording is; another is not."""
    tables: dict[str, Any] = {}
    states = {"trades:BTCUSDT": state}
    header = Header(
        format=1, version="", exchange="binance", cause="", began=900, ended=2_000, frames=1,
        config=tables, subscriptions=[TRADES], connections=[], states=states,
    )  # fmt: skip
    memory = Memory(Script(DRIVERS["binance", "spot"], notes), header)
    assert list(memory.faithful(notes)) == kept
