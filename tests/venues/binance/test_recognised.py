"""What is recognised at once is what a careful look would have found."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_connector.messages.enums import Channel
from exchange_connector.messages.market import MarketEvent, OrderBook, OrderBookUpdate
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import MalformedError, StreamDecoder

FrameOf = Callable[[Stream, object], bytes]

SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
BOOKS = (Channel.ORDER_BOOK_UPDATES,)
LEVELS = [["64000.10", "1.50000000"], ["63999.90", "0.00000000"]]


def dressed(stream: Stream, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with levels as the exchange sends them: every number has a point."""
    sides: dict[str, Any] = {name: LEVELS for name in ("b", "a", "bids", "asks") if name in payload}
    return payload if stream.channel not in BOOKS else {**payload, **sides}


def learned(stream: Stream, frame: bytes) -> StreamDecoder:
    """A decoder that has seen a frame."""
    decoder = DRIVER.decoder(stream)
    assert decoder.recognise(frame, 1) is None
    decoder.decode(frame, 1)
    assert decoder.recognise(frame, 1) is not None
    return decoder


def careful(stream: Stream, frame: bytes, received: int) -> MarketEvent | None:
    """What a decoder that has seen nothing makes of a frame."""
    try:
        event = DRIVER.decoder(stream).decode(frame, received)
    except MalformedError:
        return None
    assert isinstance(event, MarketEvent)
    return event


def same(one: MarketEvent, other: MarketEvent) -> bool:
    """To the digit, and all of it readable."""
    return one == other and repr(one) == repr(other)


@SOME
@given(data=st.data())
def test_any_frame_is_recognised_as_what_it_is_or_not_at_all(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int, data: st.DataObject
) -> None:
    """Some bytes of a good frame are cut out, doubled or replaced."""
    good = frame_of(stream, dressed(stream, payload))
    decoder = learned(stream, good)
    frame = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(frame)))
        end = data.draw(st.integers(begin, min(begin + 6, len(frame))))
        odd = st.sampled_from([b"", b"1", b"00", b".", b'"', b"9" * 30, b"-", b"e", b" "])
        frame[begin:end] = data.draw(
            odd | st.binary(max_size=3) | st.just(bytes(frame[begin:end]) * 2)
        )
    event = decoder.recognise(bytes(frame), received)
    if event is not None:
        found = careful(stream, bytes(frame), received)
        if found is None:  # a point may stand before all digits of a number, or behind them
            assert b'".' in frame or b'."' in frame
            assert all(number.is_finite() for number in numbers(event))
        else:
            assert same(event, found)


@pytest.mark.parametrize("number", ["", ".", "1" * 400 + ".5", "00.10"])
def test_what_a_shape_does_not_show(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int, number: str
) -> None:
    """Texts without a digit are no numbers; any number of digits is one."""
    good = frame_of(stream, dressed(stream, payload))
    decoder = learned(stream, good)
    outcomes: list[bool] = []
    for text in (b'"0.0024"', b'"0.001"', b'"25.35190000"', b'"64000.10"', b'"0.0025"'):
        frame = good.replace(text, b'"' + number.encode() + b'"', 1)
        if frame != good:
            event, found = decoder.recognise(frame, received), careful(stream, frame, received)
            assert event is None or (found is not None and same(event, found))
            outcomes.append(event is not None)
    assert set(outcomes) == {len(number) > 1}


def test_ids_and_names_are_looked_at_also_then(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int
) -> None:
    """Their digits are no part of a shape."""
    good = frame_of(stream, dressed(stream, payload))
    decoder = learned(stream, good)
    for old, new in (
        *((b'"BNBBTC"', b'"BNB1BTC"'), (b'"trade"', b'"trade1"'), (b'"depthUpdate"', b'"depth9Update"')),
        *((b'"kline"', b'"kline2"'), (b'"1m"', b'"3m"'), (b'"u":160', b'"u":99999999999999999999')),
        *((b'"U":157', b'"U":161'), (b'"t":12345', b'"t":'), (b'"p":', b'"p1":'), (b'"M":', b'"M1":')),
        *((b'"E":1672515782136', b'"E":016725157821'), (b'"w":', b'"w5":')),
    ):  # fmt: skip
        frame = good.replace(old, new)
        if frame != good:
            assert decoder.recognise(frame, received) is None


def test_a_field_that_nobody_knows_is_not_learned(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int
) -> None:
    """So that each such frame is counted."""
    decoder = DRIVER.decoder(stream)
    frame = frame_of(stream, {**dressed(stream, payload), "new": 1})
    for count in (1, 2, 3):
        decoder.decode(frame, received)
        assert decoder.drifted == count


@pytest.mark.parametrize("reads", ["both", "bids", "none"])
def test_levels_that_are_always_read_come_as_values(reads: str, frame_of: FrameOf) -> None:
    """Both sides of them; and they are left unread again when nobody reads them any more."""
    stream = Stream(Channel.ORDER_BOOK_UPDATES, "BNBBTC")
    levels = {"b": LEVELS, "a": LEVELS[:1]}
    payload: dict[str, Any] = {"e": "depthUpdate", "E": 1, "s": "BNBBTC", "U": 1, "u": 2, **levels}
    frame = frame_of(stream, payload)
    decoder = DRIVER.decoder(stream)

    def run(count: int, reads: str) -> int:
        came = 0
        for _ in range(count):
            event: Any = decoder.decode(frame, 1)
            came += event.bids.is_read and event.asks.is_read
            if reads != "none":
                assert event.bids == (
                    (Decimal("64000.10"), Decimal("1.5")),
                    (Decimal("63999.90"), 0),
                )
                assert len(event.bids) == 2
            if reads == "both":
                assert str(event.asks[0].quantity) == "1.50000000"
                assert tuple(event.asks) == event.bids[:1]
        return came

    first = run(5_000, reads)
    assert (first > 3_000) if reads == "both" else (first == 0)
    assert run(5_000, "none") < 2_000
    assert run(2_000, "none") == 0


def test_a_lone_point_is_refused_where_levels_come_as_values(frame_of: FrameOf) -> None:
    """A text that is no number is one in no way of reading."""
    stream = Stream(Channel.ORDER_BOOK_UPDATES, "BNBBTC")
    ids = {"e": "depthUpdate", "E": 1, "s": "BNBBTC", "U": 1, "u": 2}
    frame = frame_of(stream, {**ids, "b": LEVELS, "a": LEVELS})
    decoder = DRIVER.decoder(stream)
    event: Any = None
    for _ in range(2_000):
        event = decoder.decode(frame, 1)
        assert len(tuple(event.bids)) == len(tuple(event.asks))
    assert event.bids.is_read
    for bad in (b'"."', b'""', b'".5.0"'):
        with pytest.raises(MalformedError):
            decoder.decode(frame.replace(b'"64000.10"', bad), 1)


def numbers(event: MarketEvent) -> list[Decimal]:
    """Every `Decimal` in an event."""
    found = [value for value in msgspec.structs.astuple(event) if isinstance(value, Decimal)]
    if isinstance(event, OrderBook | OrderBookUpdate):
        found += [value for level in (*event.bids, *event.asks) for value in level]
    return found
