"""What the market streams carry, digit by digit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector.messages.enums import Channel, Side
from exchange_connector.messages.levels import PriceLevel
from exchange_connector.messages.market import (
    BookTicker,
    Kline,
    MarketEvent,
    OrderBookUpdate,
    Ticker,
    Trade,
)
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import MalformedError

Decode = Callable[[Stream, object], MarketEvent]
FrameOf = Callable[[Stream, object], bytes]

D = Decimal
EVENT_TIME = 1_672_515_782_136_000_000


def expected(received: int) -> dict[Channel, MarketEvent]:
    """The event of each documented payload."""
    timed = ("binance", "BNBBTC", EVENT_TIME, received)
    untimed = ("binance", "BNBBTC", received, received)
    return {
        Channel.TRADES: Trade(
            *timed, "12345", D("0.001"), D("100"), Side.SELL, 1_672_515_782_135_000_000
        ),
        Channel.BOOK_TICKER: BookTicker(
            *untimed,
            400900217,
            *(D("25.35190000"), D("31.21000000"), D("25.36520000"), D("40.66000000")),
        ),
        Channel.ORDER_BOOK_UPDATES: OrderBookUpdate(
            *timed,
            157,
            160,
            (PriceLevel(D("0.0024"), D("10")),),
            (PriceLevel(D("0.0026"), D("100")), PriceLevel(D("0.0027"), D("0.000"))),
        ),
        Channel.TICKER: Ticker(
            *timed,
            last_price=D("0.0025"),
            last_quantity=D("10"),
            bid_price=D("0.0024"),
            bid_quantity=D("10"),
            ask_price=D("0.0026"),
            ask_quantity=D("100"),
            open_price=D("0.0010"),
            high_price=D("0.0025"),
            low_price=D("0.0010"),
            volume=D("10000"),
            quote_volume=D("18"),
            price_change=D("-0.0015"),
            price_change_percent=D("-250.00"),
        ),
        Channel.KLINES: Kline(
            *timed,
            "1m",
            1_672_515_780_000_000_000,
            1_672_515_839_999_000_000,
            *(D("0.0010"), D("0.0025"), D("0.0015"), D("0.0020"), D("1000"), D("1.0000")),
            100,
            False,
        ),
    }


def test_a_documented_payload_becomes_its_event(
    stream: Stream, payload: dict[str, Any], decode: Decode, received: int
) -> None:
    """Every field, with the digits that were sent."""
    event = decode(stream, payload)
    # Compared as text too: 0.000 equals 0 as a number, but has other digits.
    wanted = expected(received)[stream.channel]
    assert (event, repr(event)) == (wanted, repr(wanted))


def test_the_buyer_takes_where_the_seller_was_the_maker(decode: Decode) -> None:
    """`m` says whether the buyer was the maker."""
    trade = {"e": "trade", "E": 1, "s": "A", "t": 1, "p": "1", "q": "1", "T": 1, "m": False}
    event = decode(Stream(Channel.TRADES, "A"), trade)
    assert isinstance(event, Trade)
    assert event.taker_side is Side.BUY


def test_microseconds_are_known_by_their_size(decode: Decode) -> None:
    """An exchange that was asked for them sends a thousand times as much."""
    micro = {"E": 1672515782136123, "T": 1672515782136001}
    trade = {"e": "trade", "s": "A", "t": 1, "p": "1", "q": "1", "m": False, **micro}
    event = decode(Stream(Channel.TRADES, "A"), trade)
    assert isinstance(event, Trade)
    assert event.event_time == 1_672_515_782_136_123_000
    assert event.trade_time == 1_672_515_782_136_001_000


def test_letters_of_any_script_are_a_symbol(decode: Decode) -> None:
    """Binance lists symbols beyond ASCII since December 2025."""
    ticker = {"u": 1, "s": "币安USDT", "b": "1", "B": "1", "a": "2", "A": "1"}
    assert decode(Stream(Channel.BOOK_TICKER, "币安USDT"), ticker).symbol == "币安USDT"


def test_white_space_does_not_matter(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, decode: Decode, received: int
) -> None:
    """Nor does the way in which texts are escaped."""
    frame = msgspec.json.format(frame_of(stream, payload), indent=4)
    assert DRIVER.decoder(stream).decode(frame, received) == decode(stream, payload)


def test_a_new_field_is_counted_and_left_out(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int
) -> None:
    """In the payload, beside it, or within the candle."""
    decoder = DRIVER.decoder(stream)
    known = decoder.decode(frame_of(stream, payload), received)
    assert decoder.drifted == 0
    assert decoder.decode(frame_of(stream, {**payload, "new": [1, [2]]}), received) == known
    beside = frame_of(stream, payload)[:-1] + b',"new":null}'
    assert decoder.decode(beside, received) == known
    assert decoder.drifted == 2
    if "k" in payload:
        candle = {**payload["k"], "new": 1}
        assert decoder.decode(frame_of(stream, {**payload, "k": candle}), received) == known
        assert decoder.drifted == 3


def test_a_malformed_frame_with_a_new_field_is_not_counted(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int
) -> None:
    """It is refused."""
    decoder = DRIVER.decoder(stream)
    with pytest.raises(MalformedError):
        decoder.decode(frame_of(stream, {**payload, "new": 1, "s": 1, "bids": 1}), received)
    assert decoder.drifted == 0


@pytest.mark.parametrize("field", ["M", "w", "x", "O", "C", "F", "L", "n"])
def test_fields_that_are_not_read_may_go(field: str, decode: Decode) -> None:
    """Their absence is no drift either."""
    stream = Stream(Channel.TICKER, "BNBBTC")
    texts = dict.fromkeys("pPwxcQbBaAohlvq", "1")
    ints = dict.fromkeys("EOCFLn", 1)
    payload: dict[str, Any] = {"e": "24hrTicker", "s": "BNBBTC", **texts, **ints}
    payload.pop(field, None)
    assert decode(stream, payload).symbol == "BNBBTC"
