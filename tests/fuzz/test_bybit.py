"""Mutated frames and bodies of Bybit: what can be used, or `MalformedError`."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    CancelAll,
    CancelOrder,
    ExchangeError,
    Fill,
    GetBalances,
    GetExchangeInfo,
    GetFills,
    GetKeyPermissions,
    GetKeyRestrictions,
    GetOpenOrders,
    GetOrder,
    GetOrderBook,
    GetServerTime,
    Order,
    Ping,
    PlaceOrder,
    ReplaceOrder,
    decode,
    encode,
)
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.bybit.progress import GetCandle, GetDay, GetLastTrade
from exchange_connector.venues.control import UNNUMBERED, Answered, DataFrame, Notice, Ponged
from exchange_connector.venues.driver import Driver, LacksWholeError, MalformedError, Page
from exchange_connector.venues.questions import GetListing, GetNewestTrades, GetPastKlines

SPOT, LINEAR = DRIVERS["bybit", "spot"], DRIVERS["bybit", "linear"]

TRADE = (
    b'{"T":1672304486865,"s":"SOLUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick",'
    b'"i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":1783284617}'
)
TRADES = b'{"topic":"publicTrade.SOLUSDT","type":"snapshot","ts":1672304486868,"data":['
TOP = (
    b'{"topic":"orderbook.1.SOLUSDT","type":"snapshot","ts":1749833474773,"data":{"s":"SOLUSDT",'
    b'"b":[["0.6131","17.9"]],"a":[["0.6134","35.4"]],"u":24042997,"seq":209972815373},'
    b'"cts":1749833474768}'
)
DELTA = (
    b'{"topic":"orderbook.200.SOLUSDT","type":"delta","ts":1786310819054,"data":{"s":"SOLUSDT",'
    b'"b":[["77.300","1349.4"],["77.290","0"]],"a":[],"u":13783324,"seq":272903624295},'
    b'"cts":1786310819052}'
)
DAY = (
    b'{"topic":"tickers.SOLUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{'
    b'"symbol":"SOLUSDT","lastPrice":"21109.77","highPrice24h":"21426.99","lowPrice24h":"20575",'
    b'"prevPrice24h":"20704.93","volume24h":"6780.866843","turnover24h":"141946527.22907118",'
    b'"price24hPcnt":"0.0196","usdIndexPrice":"21120.2400136"}}'
)
CHANGES = (
    b'{"topic":"tickers.SOLUSDT","type":"delta","data":{"symbol":"SOLUSDT","lastPrice":"7.5",'
    b'"price24hPcnt":"-0.01","ask1Price":"0.07054","bid1Size":""},"cs":340051122706,'
    b'"ts":1786310819234}'
)
CANDLE = (
    b'{"start":1672324800000,"end":1672325099999,"interval":"1","open":"16649.5",'
    b'"close":"16677","high":"16677","low":"16608","volume":"2.081","turnover":"34666.4005",'
    b'"confirm":false,"timestamp":1672324988882}'
)
KLINES = b'{"topic":"kline.1.SOLUSDT","ts":1672324988882,"type":"snapshot","data":['

LINEAR_RECORDING = "bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz"


def stream_of(channel: Channel) -> Stream:
    """SOLUSDT's."""
    depth = 200 if channel is Channel.ORDER_BOOK_UPDATES else 0
    return Stream(channel, "SOLUSDT", "1m" if channel is Channel.KLINES else "", depth)


CASES: dict[str, tuple[Driver, Channel, list[bytes]]] = {
    "trades": (
        LINEAR,
        Channel.TRADES,
        [TRADES + TRADE + b"]}", TRADES + TRADE + b"," + TRADE + b"]}"],
    ),
    "book ticker": (SPOT, Channel.BOOK_TICKER, [TOP]),
    "updates": (
        LINEAR,
        Channel.ORDER_BOOK_UPDATES,
        [DELTA, DELTA.replace(b"delta", b"snapshot")],
    ),
    "spot ticker": (SPOT, Channel.TICKER, [DAY]),
    "linear ticker": (LINEAR, Channel.TICKER, [CHANGES.replace(b"delta", b"snapshot"), CHANGES]),
    "klines": (
        SPOT,
        Channel.KLINES,
        [KLINES + CANDLE + b"]}", KLINES + CANDLE + b"," + CANDLE + b"]}"],
    ),
}


def outcome(decoder: Any, frame: bytes) -> Any:
    """What is in a frame, or None where it is refused."""
    try:
        return decoder.decode(frame, 7)
    except MalformedError as error:
        reason = str(error)
    except LacksWholeError:
        return None
    assert len(reason) < 400
    return None


def packed(decoded: Any) -> list[bytes]:
    """All events in a frame, as bytes."""
    return [encode(event) for event in (decoded if isinstance(decoded, tuple) else (decoded,))]


def with_full_numbers(frame: bytes) -> bytes:
    """The frame with `.5` and `5.` written as `0.5` and `5`: a shape does not tell them apart."""
    return re.sub(
        rb'"(-?[0-9]+)\."', rb'"\1"', re.sub(rb'"(-?)\.([0-9]+)"', rb'"\g<1>0.\2"', frame)
    )


@pytest.mark.parametrize("name", CASES)
def test_a_stream(name: str, fuzz: Any, change: Any, recorded: Any) -> None:
    """A decoder that has seen everything says what a fresh one says, digit by digit."""
    driver, channel, frames = CASES[name]
    stream = stream_of(channel)
    topic = f'"topic":"{driver.stream_name(stream)}"'
    corpus = frames + recorded(
        LINEAR_RECORDING, lambda line: topic in line["raw"] and driver is LINEAR
    )
    seasoned = driver.decoder(stream)
    for frame in frames * 3:
        assert outcome(seasoned, frame) is not None

    def check(rng: random.Random) -> None:
        frame = change(corpus, rng)
        recognised: Any = seasoned.recognise(frame, 7)
        slow = outcome(driver.decoder(stream), frame)
        if recognised is not None:
            if slow is None:
                slow = outcome(driver.decoder(stream), with_full_numbers(frame))
            assert slow is not None, (frame, recognised)
            assert packed(recognised) == packed(slow), frame
        later = outcome(seasoned, frame)
        is_cumulative = channel in driver.cumulative  # what it says depends on what came before
        assert is_cumulative or (later is None) == (slow is None), frame
        for event in later if isinstance(later, tuple) else (later,) if later else ():
            assert decode(encode(event)) == event
            assert event.symbol == "SOLUSDT"
        if later is not None and not is_cumulative:
            assert packed(later) == packed(slow), frame

    fuzz(check, 700)


CONTROLS = [
    b'{"success":true,"ret_msg":"subscribe","conn_id":"2324d924","req_id":"10001","op":"subscribe"}',
    b'{"success":false,"ret_msg":"error:handler not found,topic:x","req_id":"7","op":"subscribe"}',
    b'{"success":true,"ret_msg":"pong","conn_id":"0970e817","req_id":"7","op":"ping"}',
    b'{"req_id":"7","op":"pong","args":["1675418560633"],"conn_id":"cfcb4ocs"}',
    b'{"retCode":0,"retMsg":"OK","op":"pong","data":["1711002002529"],"connId":"cnt5leec0hvan15eukcg"}',
]


def test_control_frames(fuzz: Any, change: Any) -> None:
    """An answer, a pong, a notice or market data with a name; or malformed."""
    corpus = CONTROLS + [frame for _, _, frames in CASES.values() for frame in frames]

    def check(rng: random.Random) -> None:
        frame = change(corpus, rng)
        try:
            control: Any = SPOT.control(frame)
        except MalformedError as error:
            control = str(error)
        match control:
            case str():
                assert len(control) < 400
            case Answered(id=number):
                assert isinstance(number, int)
                if control.error is not None:
                    assert decode(encode(control.error)) == control.error
            case Ponged(id=number):
                assert number >= UNNUMBERED
            case DataFrame(name=topic):
                assert isinstance(topic, bytes)
            case _:
                assert isinstance(control, Notice)
                assert isinstance(control.text, str)

    fuzz(check, 1000)


def answer(result: bytes) -> bytes:
    """A body."""
    return b'{"retCode":0,"retMsg":"OK","result":' + result + b',"time":1716863719382}'


LIST = answer(
    b'{"category":"linear","list":[{"symbol":"BTCUSDT","status":"Trading","baseCoin":"BTC",'
    b'"quoteCoin":"USDT","leverageFilter":{"minLeverage":"1","maxLeverage":"100.00"},'
    b'"priceFilter":{"minPrice":"0.10","maxPrice":"199999.80","tickSize":"0.10"},'
    b'"lotSizeFilter":{"maxOrderQty":"100.000","maxMktOrderQty":"100.000","minOrderQty":"0.001",'
    b'"qtyStep":"0.001","minNotionalValue":"5"}}],"nextPageCursor":"first%3D1%26last%3D2"}'
)
BOOK = answer(
    b'{"s":"BTCUSDT","a":[["65557.7","16.606555"]],"b":[["65485.47","47.081829"]],'
    b'"ts":1716863719031,"u":230704,"seq":1432604333,"cts":1716863718905}'
)
WALLET = answer(
    b'{"list":[{"accountType":"UNIFIED","coin":[{"coin":"BTC","walletBalance":"1.5",'
    b'"locked":"0.5","spotBorrow":"0","availableToWithdraw":""}]}]}'
)
KEY = answer(
    b'{"readOnly":0,"permissions":{"Spot":["SpotTrade"],"Wallet":["Withdraw"]},"ips":["1.1.1.1"]}'
)
ROWS = answer(
    b'{"symbol":"BTCUSDT","category":"linear","list":[["1670608800000","17071","17073","17027",'
    b'"17055.5","268611","15.74462667"]]}'
)
EXECUTIONS = answer(
    b'{"list":[{"execId":"2100","symbol":"BTCUSDT","price":"16618.49","size":"0.00012",'
    b'"side":"Buy","time":"1672052955758"}]}'
)
DAYS = answer(b'{"list":[{"symbol":"BTCUSDT","lastPrice":"20533.13","volume24h":"1.5"}]}')
OPEN = answer(
    b'{"category":"spot","list":[{"orderId":"1523347543495541248","orderLinkId":"mine",'
    b'"symbol":"ETHUSDT","price":"1600.00","qty":"0.10","side":"Buy","orderStatus":"New",'
    b'"avgPrice":"","cumExecQty":"0.00","cumExecValue":"0","timeInForce":"GTC",'
    b'"orderType":"Limit","stopOrderType":"UNKNOWN","marketUnit":"",'
    b'"createdTime":"1684738540559","updatedTime":"1684738540561"}],"nextPageCursor":""}'
)
FILLED = answer(
    b'{"category":"spot","list":[{"symbol":"ETHUSDT","orderId":"7","orderLinkId":"mine",'
    b'"side":"Sell","execId":"2290000000525217537","execPrice":"1190.15","execQty":"0.10",'
    b'"execType":"Trade","execFee":"-0.0014","feeCurrency":"USDT","isMaker":true,'
    b'"execTime":"1672282722429"}],"nextPageCursor":""}'
)
ACCEPTED = answer(b'{"orderId":"1321003749386327552","orderLinkId":"mine"}')
ALL = answer(b'{"list":[{"orderId":"1321003749386327552","orderLinkId":"mine"}],"success":"1"}')
CLOCK = answer(b'{"timeSecond":"1688639403","timeNano":"1688639403423213947"}')
BODIES: dict[str, tuple[Any, bytes]] = {
    "ping": (Ping(), CLOCK),
    "time": (GetServerTime(), CLOCK),
    "listing": (GetListing(), LIST),
    "info": (GetExchangeInfo(), LIST),
    "book": (GetOrderBook("BTCUSDT"), BOOK),
    "balances": (GetBalances(), WALLET),
    "permissions": (GetKeyPermissions(), KEY),
    "restrictions": (GetKeyRestrictions(), KEY),
    "klines": (GetPastKlines("BTCUSDT", "1M", 0, 2**63 - 1, 2), ROWS),
    "day": (GetDay("BTCUSDT"), DAYS),
    "trade": (GetLastTrade("BTCUSDT"), EXECUTIONS),
    "newest trades": (GetNewestTrades("BTCUSDT", 60), EXECUTIONS),
    "candle": (GetCandle("BTCUSDT", "1M"), ROWS),
}


ETH = "ETHUSDT"
MUCH = Decimal(1)
ORDERS: dict[str, tuple[Any, bytes]] = {
    "place": (PlaceOrder(ETH, "BUY", "MARKET", MUCH, client_order_id="mine"), ACCEPTED),
    "replace": (ReplaceOrder(ETH, "BUY", "MARKET", MUCH, client_order_id="mine"), ACCEPTED),
    "cancel": (CancelOrder(ETH, client_order_id="mine"), ACCEPTED),
    "cancel all": (CancelAll(ETH), ALL),
    "order": (GetOrder(ETH, client_order_id="mine"), OPEN),
    "open orders": (GetOpenOrders(ETH), OPEN),
    "fills": (GetFills(ETH), FILLED),
}
"""Spot has these beside the others."""


def test_every_endpoint_is_here() -> None:
    """One that is added is fuzzed, too."""
    common = {type(request) for request, _ in BODIES.values()}
    assert common == set(LINEAR.endpoints)
    assert common | {type(request) for request, _ in ORDERS.values()} == set(SPOT.endpoints)


@pytest.mark.parametrize("name", ORDERS)
def test_an_endpoint_of_orders(name: str, fuzz: Any, change: Any) -> None:
    """Orders and fills that can be written down, or it is refused."""
    request, body = ORDERS[name]
    read = SPOT.endpoints[type(request)].decode
    assert read(body, request, 7) is not None

    def check(rng: random.Random) -> None:
        mutated = change([body, OPEN, FILLED] if rng.random() < 0.1 else [body], rng)
        try:
            reply = read(mutated, request, 7)
        except (MalformedError, ExchangeError) as error:
            reply = str(error)
        if isinstance(reply, str):
            assert len(reply) < 600
            return
        whole = reply.reply if isinstance(reply, Page) else reply
        for each in whole if isinstance(whole, tuple) else (whole,):
            if isinstance(each, Order | Fill):
                assert decode(encode(each)) == each, mutated
            assert repr(each)

    fuzz(check, 400)


@pytest.mark.parametrize("name", BODIES)
def test_an_endpoint(name: str, fuzz: Any, change: Any) -> None:
    """What it gives has no value that is none."""
    request, body = BODIES[name]
    read = LINEAR.endpoints[type(request)].decode
    assert read(body, request, 7) is not None

    def check(rng: random.Random) -> None:
        mutated = change([body, BOOK, LIST] if rng.random() < 0.1 else [body], rng)
        try:
            reply = read(mutated, request, 7)
        except MalformedError as error:
            reply = str(error)
        if isinstance(reply, str):
            assert len(reply) < 400
            return
        whole = reply.reply if isinstance(reply, Page) else reply
        for each in whole if isinstance(whole, tuple) else (whole,):
            if name in ("book", "balances", "klines", "newest trades"):
                assert decode(encode(each)) == each, mutated
            assert repr(each)

    fuzz(check, 400)


REFUSALS = [
    b'{"retCode":10001,"retMsg":"params error: symbol invalid","result":{},"time":1}',
    b'{"retCode":10006,"retMsg":"Too many visits!"}',
    b'{"retCode":0,"retMsg":"OK"}',
    b"<html>403 Forbidden: access too frequent</html>",
]
HEADERS = [b"5", b"0", b"1e5", b"Wed, 21 Oct 2026 07:28:00 GMT", b"-1", b"1790000000500", b"9" * 30]


def test_refusals(fuzz: Any, change: Any) -> None:
    """Whatever the status, the headers and the body are: what it means, with bounded waits."""

    def check(rng: random.Random) -> None:
        status = rng.choice((200, 302, 400, 401, 403, 404, 429, 500, 503, rng.randrange(100, 999)))
        headers = {
            name: (change(HEADERS, rng) if rng.random() < 0.7 else rng.choice(HEADERS)).decode(
                "latin-1"
            )
            for name in ("retry-after", "x-bapi-limit-reset-timestamp")
            if rng.random() < 0.6
        }
        refusal = LINEAR.refusal(status, headers, change(REFUSALS, rng), 1_790_000_000.0)
        if refusal is None:
            assert 200 <= status < 300
            return
        assert decode(encode(refusal.error)) == refusal.error
        assert refusal.wait is None or 0 < refusal.wait <= 86_400

    fuzz(check, 1000)
