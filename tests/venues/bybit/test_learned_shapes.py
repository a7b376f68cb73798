"""Whatever was learned before, nothing comes of a frame with levels but what is in it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.codec import decode, encode
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.market import OrderBookUpdate
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.bybit import LINEAR
from exchange_connector.venues.driver import MalformedError, StreamDecoder

STREAM = Stream(Channel.ORDER_BOOK_UPDATES, "BTCUSDT", depth=50)
GOOD = [
    *("[]", '[["1.5","2.0"]]', '[["15","20"]]', '[["1.5","0"]]', '[["1","2.5"],["3.25","4"]]'),
    *('[["00.1","0.0"],["7","7"],["7.5","8.5"]]', '[["1.5","2.0"],["2.5","3.0"]]'),
]
ODD = [
    *("[5]", "[5,6]", "[[]]", '[["1.5"]]', '[["1.5","2.0","3.0"]]', '[["1.5",2.0]]', '[["1.5",5]]'),
    *('[["1.5","2.0"],5]', '[5,["1.5","2.0"]]', '[["1.5","2.0"],]', '["1.5","2.0"]', '[["","2.0"]]'),
    *('[[".","2.0"]]', '[["1..5","2.0"]]', '[["1.5","2.0"],[]]', '[["-1.5","2.0"]]', "null", '"1.5"'),
    *('[["1e5","2.0"]]', '[["1.5","NaN"]]', '[["\\u0031","2"]]', '[ ["1.5","2.0"] ]', "{}", "7"),
    *('[["1.5","2.0"]],"b":[]', '[["1.5","2.0"]],"a":[["9.5","9.0"]]', '[["1.5","2.0"]],"x":[]'),
    *('[["1.5","2.0"]],"s":"ETHUSDT"', '[["1.5","2.0"]],"u":7'),
]  # fmt: skip
SIDES = st.sampled_from(GOOD) | st.sampled_from(ODD)


def update(bids: str, asks: str, type: str = "delta", more: str = "") -> bytes:
    """A frame with these sides, as linear sends them."""
    data = f'{{"s":"BTCUSDT","b":{bids},"a":{asks},"u":177400507,"seq":66544703342{more}}}'
    head = f'"topic":"orderbook.50.BTCUSDT","type":"{type}","ts":1687940967466'
    return f'{{{head},"data":{data},"cts":1687940967464}}'.encode()


def strictly(frame: bytes) -> Any:
    """The sides by a reader that shares nothing with ours; None where one is none."""
    try:
        data = json.loads(frame)["data"]
        sides = data["b"], data["a"]
        for side in sides:
            for price, quantity in side:
                for text in (price, quantity):
                    if not (isinstance(text, str) and text.replace(".", "", 1).isdecimal()):
                        return None
        return sides if data["s"] == "BTCUSDT" else None
    except (ValueError, TypeError):
        return None


def check(decoder: StreamDecoder, frame: bytes) -> bool:
    """Whether there is an event in a frame; if so, it is what is there, and can be read and sent."""
    try:
        event = decoder.decode(frame, 1)
    except MalformedError:
        return False
    found = strictly(frame)
    assert found is not None
    assert isinstance(event, OrderBookUpdate)
    for side, levels in zip(found, (event.bids, event.asks), strict=True):
        assert len(levels) == len(side)
        expected = [(Decimal(price), Decimal(quantity)) for price, quantity in side]
        assert repr([tuple(level) for level in levels]) == repr(expected)
    assert decode(encode(event)) == event
    return True


@given(st.lists(st.tuples(SIDES, SIDES, st.sampled_from(["delta", "snapshot"])), max_size=12))
def test_one_after_the_other(frames: list[tuple[str, str, str]]) -> None:
    """A fresh decoder says of each what one says that has seen all before it."""
    decoder = LINEAR.decoder(STREAM)
    for bids, asks, type in frames:
        frame = update(bids, asks, type)
        assert check(decoder, frame) == check(LINEAR.decoder(STREAM), frame)


@pytest.mark.parametrize("bids", GOOD)
@pytest.mark.parametrize("asks", GOOD)
def test_sides_of_every_kind_are_recognised(bids: str, asks: str) -> None:
    """Once any was seen; a spot delta often has an empty side."""
    decoder = LINEAR.decoder(STREAM)
    assert check(decoder, update('[["1.5","2.0"]]', '[["1.5","2.0"]]'))
    assert decoder.recognise(update(bids, asks), 1) is not None
    assert check(decoder, update(bids, asks))
