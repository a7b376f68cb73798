"""What the feed sends is what the exchange would: our decoders, and the typed pass, read it."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bench import frames
from bench.ways import inside, typed
from exchange_connector import BookTicker, OrderBookUpdate, Ticker, Trade

COUNT = 2_000
NAMES = frames.symbols(3)


@pytest.fixture(scope="module")
def messages() -> list[frames.Message]:
    return list(frames.Market().messages("mix", COUNT, NAMES))


def test_kinds_come_as_often_as_they_should(messages: list[frames.Message]) -> None:
    counted = Counter(message.stream.partition("@")[2] for message in messages)
    for kind, weight in frames.MIXES["mix"].items():
        assert counted[frames.SUFFIXES[kind]] / COUNT == pytest.approx(weight / 100, abs=0.04)


def test_the_same_seed_makes_the_same(messages: list[frames.Message]) -> None:
    assert list(frames.Market().messages("mix", COUNT, NAMES)) == messages
    assert list(frames.Market(2).messages("mix", COUNT, NAMES)) != messages


def test_every_stream_is_announced(messages: list[frames.Message]) -> None:
    assert {message.stream for message in messages} == set(frames.streams("mix", NAMES))


def test_our_decoders_read_them(messages: list[frames.Message]) -> None:
    decoders = inside.decoders("mix", NAMES)
    kinds: dict[str, tuple[type, dict[str, str]]] = {
        "trade": (Trade, {"price": "p", "quantity": "q"}),
        "bookTicker": (BookTicker, {"bid_price": "b", "ask_quantity": "A"}),
        "ticker": (Ticker, {"last_price": "c", "volume": "v"}),
    }
    for message in messages:
        event: Any = decoders[message.stream.encode()](frames.payload(message, raw=False), 1)
        data = json.loads(message.data)
        assert event.symbol == data["s"]
        if isinstance(event, OrderBookUpdate):
            assert [*map(list, event.bids)] == [[*map(Decimal, level)] for level in data["b"]]
            assert [*map(list, event.asks)] == [[*map(Decimal, level)] for level in data["a"]]
            continue
        kind, fields = kinds[message.stream.partition("@")[2]]
        assert type(event) is kind
        for ours, theirs in fields.items():
            assert getattr(event, ours) == Decimal(data[theirs])


@pytest.mark.parametrize("feed", ["mix", "mix-agg"])
def test_the_typed_pass_reads_them(feed: str) -> None:
    decoders = typed.decoders(frames.streams(feed, NAMES))
    for message in frames.Market().messages(feed, 200, NAMES):
        frame = frames.payload(message, raw=False)
        name = frame[typed.PREFIX : frame.index(b'"', typed.PREFIX)]
        read = decoders[name](frame).data
        data = json.loads(message.data)
        assert type(read) is typed.kind(message.stream)
        for field, value in data.items():
            if isinstance(value, str) and field not in ("e", "s"):
                assert getattr(read, field) == Decimal(value)


def test_ids_follow_each_other(messages: list[frames.Message]) -> None:
    """A gap would be told as such, and the connector do more than deliver."""
    for name in NAMES:
        mine = [json.loads(each.data) for each in messages if f'"s":"{name}"'.encode() in each.data]
        updates = [each for each in mine if each.get("e") == "depthUpdate"]
        assert updates[0]["U"] == frames.FIRST_UPDATE
        assert all(later["U"] == earlier["u"] + 1 for earlier, later in pairwise(updates))
        trades = [each["t"] for each in mine if each.get("e") == "trade"]
        assert trades == list(range(1, len(trades) + 1))


def test_levels_are_as_many_as_they_should(messages: list[frames.Message]) -> None:
    sides = [
        side
        for each in map(json.loads, (message.data for message in messages))
        if each.get("e") == "depthUpdate"
        for side in (each["b"], each["a"])
    ]
    assert {len(side) for side in sides} == set(range(10, 21))
    levels = [level for side in sides for level in side]
    deleted = sum(Decimal(quantity) == 0 for _, quantity in levels) / len(levels)
    assert deleted == pytest.approx(frames.DELETED, abs=0.02)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_tell_their_length(size: int) -> None:
    frame = frames.framed(b"x" * size)
    assert frame[0] == 0x81
    short, head = frame[1], {126: 4, 127: 10}.get(frame[1], 2)
    told = short if head == 2 else int.from_bytes(frame[2:head], "big")
    assert (told, len(frame)) == (size, head + size)
