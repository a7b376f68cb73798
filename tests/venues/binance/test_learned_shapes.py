"""Whatever was learned before, on this stream or another, nothing comes of a frame but what is in it."""

from __future__ import annotations

import decimal
import json
import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_connector.messages.codec import decode, encode
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.market import OrderBookUpdate, Trade
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import MalformedError, StreamDecoder
from exchange_connector.venues.shapes import BookShapes, Shapes

GOOD = '[["1.5","2.0"]]'
STREAM = Stream(Channel.ORDER_BOOK_UPDATES, "BNBBTC")
NUMBER = re.compile(r"(?=\.?[0-9])[0-9]*\.?[0-9]*", re.ASCII)


def update(bids: str = GOOD, asks: str = GOOD, more: str = "", symbol: str = "BNBBTC") -> bytes:
    """An update with these levels, and something behind them."""
    head = f'{{"e":"depthUpdate","E":1672515782136,"s":"{symbol}","U":157,"u":160'
    data = f'{head},"b":{bids},"a":{asks}{more}}}'
    return f'{{"stream":"{symbol.lower()}@depth@100ms","data":{data}}}'.encode()


def reversed_update(bids: str, asks: str, symbol: str = "BNBBTC") -> bytes:
    """The same, levels first and asks before bids."""
    tail = f'"e":"depthUpdate","E":1672515782136,"s":"{symbol}","U":157,"u":160'
    data = f'{{"a":{asks},"b":{bids},{tail}}}'
    return f'{{"stream":"{symbol.lower()}@depth@100ms","data":{data}}}'.encode()


def trade(price: str, quantity: str, symbol: str = "BNBBTC") -> bytes:
    """A trade at this price."""
    data = f'"e":"trade","E":1,"s":"{symbol}","t":12345,"p":"{price}","q":"{quantity}"'
    return f'{{"stream":"bnbbtc@trade","data":{{{data},"T":1,"m":true,"M":true}}}}'.encode()


def strictly(frame: bytes) -> tuple[Any, Any] | None:
    """The two sides by a reader that shares nothing with ours; None where a side is none."""
    try:
        data = json.loads(frame.decode())["data"]
        sides = data["b"], data["a"]
    except (ValueError, KeyError, TypeError):
        return None
    for side in sides:
        for level in side if isinstance(side, list) else [None]:
            if not (isinstance(level, list) and len(level) == 2):
                return None
            if not all(isinstance(text, str) and NUMBER.fullmatch(text) for text in level):
                return None
    return sides


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


LISTS = [
    *("[5]", "[55,5]", '[["1.5","2.0"],5]', '[5,["1.5","2.0"]]', '[["1.5","2.0"],]', "[,]", "[[]]"),
    *('[["1.5","2.0"],["1.5"]]', '[["1.5","2.0",5]]', "5", '""', '"5"', '[["",""]]', '[[".","1"]]'),
    *('[["1","2.0"],5]', '[["1",""]]', '[["1","."]]', '[["1",5]]', '[["1","2.0"],[]]', '[""]'),
]


@pytest.mark.parametrize("levels", LISTS)
@pytest.mark.parametrize("known", ["[]", GOOD, '[["1","2"]]'])
def test_a_bare_number_among_levels_is_refused(levels: str, known: str) -> None:
    """Without its digits nothing of it is left, so that a list seems empty, or ends with a comma."""
    for wrap in (update, reversed_update):
        decoder = DRIVER.decoder(STREAM)
        for side in (known, GOOD):
            decoder.decode(wrap(side, side), 1)
        for frame in (wrap(levels, GOOD), wrap(GOOD, levels), wrap(levels, known)):
            assert decoder.recognise(frame, 1) is None
            assert not check(decoder, frame)


@pytest.mark.parametrize("twice", ["a", "b"])
@pytest.mark.parametrize("first", [GOOD, '[["10","20"]]', "[]"])
@pytest.mark.parametrize("last", [GOOD, '[["10","20"]]'])
def test_the_last_of_two_equal_names_is_looked_at(twice: str, first: str, last: str) -> None:
    """It is the one that counts."""
    decoder = DRIVER.decoder(STREAM)
    assert check(decoder, update(first, first, f',"{twice}":{last}'))
    for bad in ('[["",""]]', '[[".","."]]', "[5]"):
        assert not check(decoder, update(GOOD, first, f',"{twice}":{bad}'))
        check(decoder, update(bad, first, f',"{twice}":{last}'))
        check(decoder, update(first, bad, f',"{twice}":{last}'))


LEVELS = ['["1.5","2.0"]', '["10","2.0"]', '["1.5",".5"]']
PARTS = [*LEVELS, LEVELS[0], "5", "5", "", '["",""]', '[".","1"]', '["1.5"]', '"1.5"']
good_lists = st.lists(st.sampled_from(LEVELS), max_size=2).map(lambda each: f"[{','.join(each)}]")
lists = st.lists(st.sampled_from(PARTS), max_size=3).map(lambda each: f"[{','.join(each)}]")
WRAPS: list[Callable[..., bytes]] = [update, update, reversed_update]
EXTRAS = ["", "", "", ',"a":[]', ',"a":[["10","2.0"]]', ',"b":[["",""]]', ',"b":["1",5]']


@settings(max_examples=300)
@given(st.data())
def test_no_history_makes_an_event_of_what_is_none(data: st.DataObject) -> None:
    """Of two streams, whose frames are written in any order, some names twice."""
    symbols = ("BNBBTC", "币1")
    decoders = {
        symbol: DRIVER.decoder(Stream(Channel.ORDER_BOOK_UPDATES, symbol)) for symbol in symbols
    }
    for kind in [good_lists] * data.draw(st.integers(1, 4)) + [lists] * 6:
        symbol = data.draw(st.sampled_from(symbols))
        wrap = data.draw(st.sampled_from(WRAPS))
        frame = wrap(data.draw(kind), data.draw(kind), symbol=symbol)
        extra = data.draw(st.sampled_from(EXTRAS)).encode()
        check(decoders[symbol], frame.replace(b"}}", extra + b"}}"))


@pytest.fixture
def untrapped() -> Iterator[None]:
    """A thread whose user has chosen that numbers which are none become NaN."""
    with decimal.localcontext(decimal.ExtendedContext.copy()):
        yield


@pytest.mark.usefixtures("untrapped")
@pytest.mark.parametrize("bad", ["", "."])
def test_a_thread_that_makes_nan_of_anything_is_given_none(bad: str) -> None:
    """`Decimal("")` raises only where a trap is set in the thread's context."""
    decoder = DRIVER.decoder(Stream(Channel.TRADES, "BNBBTC"))
    for good in ("1.5", "100"):
        decoder.decode(trade(good, "100"), 1)
    with pytest.raises(MalformedError):
        decoder.decode(trade(bad, "100"), 1)
    event = decoder.decode(trade("2.5", "10"), 1)
    assert isinstance(event, Trade)
    assert str(event.price) == "2.5"


def test_a_name_in_any_script_is_learned() -> None:
    """A digit within a character makes no text of it; neither is it taken for one."""
    decoder = DRIVER.decoder(Stream(Channel.TRADES, "币安USDT"))
    good = trade("1.5", "2.5", "币安USDT")
    event = decoder.decode(good, 1)
    assert decoder.recognise(good, 1) == event
    name = "币安".encode()
    for place in range(1, len(name)):
        bad = good.replace(name, name[:place] + b"1" + name[place:])
        assert decoder.recognise(bad, 1) is None
        with pytest.raises(MalformedError):
            decoder.decode(bad, 1)


def test_levels_without_points_are_learned() -> None:
    """Where an exchange leaves zeros away."""
    decoder = DRIVER.decoder(STREAM)
    decoder.decode(update('[["10","0.5"]]', '[["11","1"],["12.5","3"]]'), 1)
    frame = update('[["9","0.5"],["8","1"]]', '[["11.5","1"]]')
    event = decoder.recognise(frame, 1)
    assert isinstance(event, OrderBookUpdate)
    assert not getattr(event.bids, "is_read", True)
    assert check(decoder, frame)


def test_a_shape_of_any_length_is_not_kept() -> None:
    """Nor what is around the levels of a book."""
    shapes, sides = Shapes(), dict[bytes, bytes]()
    books, long = BookShapes(sides), b" " * 100_000
    shapes.learn(trade("1.5", "1.5") + long)
    books.learn(update() + long)
    assert not shapes.known
    assert not books.knows(update() + long)


def test_who_looks_while_something_is_learned_sees_all_of_it_or_nothing() -> None:
    """At every instruction of it: the look never raises."""
    shapes = BookShapes({})
    frame, other = update(), reversed_update(GOOD, GOOD)
    seen: list[tuple[bool, bool]] = []

    def at_each(scope: FrameType, event: str, argument: object) -> Any:
        if scope.f_code is BookShapes.learn.__code__:
            scope.f_trace_opcodes = True
            if event == "opcode":
                seen.append((shapes.knows(frame), shapes.knows(other)))
            return at_each
        return None

    before = sys.gettrace()
    sys.settrace(at_each)
    try:
        shapes.learn(frame)
        shapes.learn(other)
    finally:
        sys.settrace(before)
    assert len(seen) > 20
    assert set(seen) == {(False, False), (True, False), (False, True)}


def test_an_event_whose_levels_were_read_is_let_go_of() -> None:
    """Of each stream one is looked at later on; values would fill the memory of thousands."""
    decoder = DRIVER.decoder(STREAM)
    events = [decoder.decode(update(), 1) for _ in range(3)]
    usual = sys.getrefcount(events[1])
    for _ in range(1_000):
        event: Any = decoder.decode(update(), 1)
        events.append(event)
        assert event.bids[:] == event.asks[:]
        assert event.asks.is_read
    kept = sum(sys.getrefcount(events[place]) > usual for place in range(1_000))
    assert kept == 0
