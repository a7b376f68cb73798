"""Frames of every channel of both markets, as documented or recorded, and what decodes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.driver import Decoded, Driver, StreamDecoder

TRADE_SPOT = """{"topic":"publicTrade.BTCUSDT","ts":1786310821917,"type":"snapshot","data":[{
"i":"2280000001739247417","T":1786310821916,"p":"1923.28","v":"0.04537","S":"Sell",
"seq":178477362706,"s":"BTCUSDT","BT":false,"RPI":false}]}"""
TRADE_LINEAR = """{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{
"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick",
"i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":true,"seq":1783284617}]}"""
TOP = """{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1749833474773,"data":{"s":"BTCUSDT",
"b":[["0.6131","17.90"]],"a":[["0.6134","35.4"]],"u":24042997,"seq":209972815373},
"cts":1749833474768}"""
DELTA = """{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1687940967466,"data":{"s":"BTCUSDT",
"b":[["30247.20","30.028"],["30240.00","0"]],"a":[["30248.70","0.00"]],"u":177400507,
"seq":66544703342},"cts":1687940967464}"""
TICKER_SPOT = """{"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,
"data":{"symbol":"BTCUSDT","lastPrice":"21109.77","highPrice24h":"21426.99",
"lowPrice24h":"20575","prevPrice24h":"20704.93","volume24h":"6780.866843",
"turnover24h":"141946527.22907118","price24hPcnt":"-0.0196","usdIndexPrice":"21120.2400136"}}"""
TICKER_LINEAR = """{"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT",
"tickDirection":"ZeroPlusTick","price24hPcnt":"-0.006899","lastPrice":"0.07053",
"prevPrice24h":"0.07102","highPrice24h":"0.07105","lowPrice24h":"0.06980","prevPrice1h":"0.07038",
"markPrice":"0.07055","indexPrice":"0.07056","openInterest":"1391590942",
"openInterestValue":"98176740.96","turnover24h":"36155543.3714","volume24h":"514463831.0000",
"fundingIntervalHour":"8","fundingCap":"0.0058","singleOpenInterest":"695795471",
"singleOpenInterestValue":"49088370.48","nextFundingTime":"1786320000000","fundingRate":"0.0001",
"bid1Price":"0.07053","bid1Size":"307807","ask1Price":"0.07054","ask1Size":"16396",
"preOpenPrice":"","preQty":"","curPreListingPhase":""},"cs":340051121752,"ts":1786310818834}"""
KLINE = """{"type":"snapshot","topic":"kline.5.BTCUSDT","data":[{"start":1672324800000,
"end":1672325099999,"interval":"5","open":"16649.5","close":"16677","high":"16677.0",
"low":"16608","volume":"2.081","turnover":"34666.4005","confirm":false,
"timestamp":1672324988882}],"ts":1672324988883}"""

TRADES = Stream(Channel.TRADES, "BTCUSDT")
BOOK_TICKER = Stream(Channel.BOOK_TICKER, "BTCUSDT")
UPDATES = Stream(Channel.ORDER_BOOK_UPDATES, "BTCUSDT", depth=50)
TICKER = Stream(Channel.TICKER, "BTCUSDT")
KLINES = Stream(Channel.KLINES, "BTCUSDT", interval="5m")

RECEIVED = 1_700_000_000_123_456_789


class Case(NamedTuple):
    """A stream of a market, and a frame of it."""

    driver: Driver
    stream: Stream
    text: str

    @property
    def decoder(self) -> StreamDecoder:
        """A fresh one."""
        return self.driver.decoder(self.stream)

    @property
    def content(self) -> dict[str, Any]:
        """The frame, as an object."""
        decoded: dict[str, Any] = msgspec.json.decode(self.text)
        return decoded

    @property
    def frame(self) -> bytes:
        """The frame, as it comes: without white space."""
        return msgspec.json.format(self.text, indent=-1).encode()

    def decode(self, content: object) -> Decoded:
        """What a fresh decoder finds in a frame."""
        return self.decoder.decode(msgspec.json.encode(content), RECEIVED)


CASES = {
    "spot-trades": Case(SPOT, TRADES, TRADE_SPOT),
    "linear-trades": Case(LINEAR, TRADES, TRADE_LINEAR),
    "spot-book_ticker": Case(SPOT, BOOK_TICKER, TOP),
    "linear-updates": Case(LINEAR, UPDATES, DELTA),
    "spot-ticker": Case(SPOT, TICKER, TICKER_SPOT),
    "linear-ticker": Case(LINEAR, TICKER, TICKER_LINEAR),
    "spot-klines": Case(SPOT, KLINES, KLINE),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    """One of each kind of stream in turn."""
    return CASES[request.param]


@pytest.fixture(scope="session")
def case_of() -> Callable[[str], Case]:
    """One of them by name."""
    return CASES.__getitem__


@pytest.fixture(scope="session")
def received() -> int:
    """When frames are received."""
    return RECEIVED
