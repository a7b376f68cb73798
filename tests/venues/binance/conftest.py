"""Frames of every channel, as documented, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from exchange_connector.messages.enums import Channel
from exchange_connector.messages.market import MarketEvent
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER

TRADE = """{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100",
"T":1672515782135,"m":true,"M":true}"""
BOOK_TICKER = """{"u":400900217,"s":"BNBBTC","b":"25.35190000","B":"31.21000000",
"a":"25.36520000","A":"40.66000000"}"""
DIFF = """{"e":"depthUpdate","E":1672515782136,"s":"BNBBTC","U":157,"u":160,
"b":[["0.0024","10"]],"a":[["0.0026","100"],["0.0027","0.000"]]}"""
TICKER = """{"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"-0.0015","P":"-250.00",
"w":"0.0018","x":"0.0009","c":"0.0025","Q":"10","b":"0.0024","B":"10","a":"0.0026","A":"100",
"o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18","O":0,"C":86400000,"F":-1,"L":-1,
"n":0}"""
KLINE = """{"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,
"T":1672515839999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025",
"l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}}"""

PAYLOADS = {
    Stream(Channel.TRADES, "BNBBTC"): TRADE,
    Stream(Channel.BOOK_TICKER, "BNBBTC"): BOOK_TICKER,
    Stream(Channel.ORDER_BOOK_UPDATES, "BNBBTC"): DIFF,
    Stream(Channel.TICKER, "BNBBTC"): TICKER,
    Stream(Channel.KLINES, "BNBBTC", interval="1m"): KLINE,
}
RECEIVED = 1_700_000_000_123_456_789

FrameOf = Callable[[Stream, object], bytes]
Decode = Callable[[Stream, object], MarketEvent]


def _frame_of(stream: Stream, payload: object) -> bytes:
    return msgspec.json.encode({"stream": DRIVER.stream_name(stream), "data": payload})


@pytest.fixture(params=PAYLOADS, ids=lambda stream: str(stream.channel))
def stream(request: pytest.FixtureRequest) -> Stream:
    """A stream of each channel in turn."""
    chosen: Stream = request.param
    return chosen


@pytest.fixture
def payload(stream: Stream) -> dict[str, Any]:
    """The documented payload of that stream."""
    decoded: dict[str, Any] = msgspec.json.decode(PAYLOADS[stream])
    return decoded


@pytest.fixture(scope="session")
def frame_of() -> FrameOf:
    """The combined frame of a stream and a payload."""
    return _frame_of


@pytest.fixture(scope="session")
def decode() -> Decode:
    """The event in such a frame, by a fresh decoder, received at a fixed time."""

    def run(stream: Stream, payload: object) -> MarketEvent:
        event = DRIVER.decoder(stream).decode(_frame_of(stream, payload), RECEIVED)
        assert isinstance(event, MarketEvent)
        return event

    return run


@pytest.fixture(scope="session")
def received() -> int:
    """That time."""
    return RECEIVED
