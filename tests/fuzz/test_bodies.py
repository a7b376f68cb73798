"""Mutated bodies of REST answers: a reply that can be used, or a typed error."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector import (
    ExchangeInfo,
    Fill,
    GetBalances,
    GetExchangeInfo,
    GetKeyPermissions,
    GetKeyRestrictions,
    GetOrderBook,
    GetServerTime,
    Order,
    Ping,
    decode,
    encode,
)
from exchange_connector.messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
    ReplaceOrder,
)
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.account import OrderAnswer
from exchange_connector.venues.binance.progress import GetCandle, GetDay
from exchange_connector.venues.driver import MalformedError
from exchange_connector.venues.questions import (
    GetAccountFilters,
    GetAveragePrice,
    GetLastPrice,
    GetListing,
    GetPastKlines,
    GetPastTrades,
    GetReferencePrice,
    GetSnapshot,
)

BINANCE = DRIVERS["binance", "spot"]
INFO = (
    b'{"timezone":"UTC","serverTime":1565246363776,"rateLimits":[{"rateLimitType":'
    b'"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000}],"exchangeFilters":[],'
    b'"symbols":[{"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","baseAssetPrecision":8,'
    b'"quoteAsset":"BTC","orderTypes":["LIMIT","MARKET"],"icebergAllowed":true,"filters":['
    b'{"filterType":"PRICE_FILTER","minPrice":"0.00000100","maxPrice":"100000.00000000",'
    b'"tickSize":"0.00000100"},{"filterType":"LOT_SIZE","minQty":"0.00100000",'
    b'"maxQty":"100000.00000000","stepSize":"0.00100000"},{"filterType":"MAX_NUM_ORDERS",'
    b'"maxNumOrders":25},{"filterType":"NOTIONAL","minNotional":"10.00000000",'
    b'"applyMinToMarket":true,"maxNotional":"10000.0","applyMaxToMarket":false,"avgPriceMins":5},'
    b'{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"1.2","bidMultiplierDown":"0.2",'
    b'"askMultiplierUp":"5","askMultiplierDown":"0.8","avgPriceMins":1},'
    b'{"filterType":"PERCENT_PRICE","multiplierUp":"1.3000","multiplierDown":"0.7000",'
    b'"avgPriceMins":5},{"filterType":"MIN_NOTIONAL","minNotional":"0.00100000",'
    b'"applyToMarket":true,"avgPriceMins":5},{"filterType":"MARKET_LOT_SIZE",'
    b'"minQty":"0.00100000","maxQty":"100000.00000000","stepSize":"0.00100000"},'
    b'{"filterType":"NEW_ONE","x":1.5}],"permissions":["SPOT"]}]}'
)
DEPTH = b'{"lastUpdateId":160,"bids":[["0.0024","10"],["0.0023","1.50"]],"asks":[["0.0026","100"]]}'
ACCOUNT = (
    b'{"makerCommission":15,"canTrade":true,"canWithdraw":true,"canDeposit":true,'
    b'"updateTime":123456789,"accountType":"SPOT","balances":[{"asset":"BTC",'
    b'"free":"4723846.89208129","locked":"0.00000000"}],"permissions":["SPOT"],"uid":354937868}'
)
TRADES = (
    b'[{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012",'
    b'"time":1499865549590,"isBuyerMaker":true,"isBestMatch":true}]'
)
CANDLES = (
    b'[[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",'
    b'1499644799999,"2434.19055334",308,"1756.87402397","28.46694368","0"]]'
)
DAY = (
    b'{"symbol":"BNBBTC","priceChange":"-94.99999800","lastPrice":"4.00000200","lastQty":"200.0",'
    b'"volume":"8913.30000000","quoteVolume":"15.30000000","openTime":1499783499040,'
    b'"closeTime":1499869899040,"firstId":28385,"lastId":28460,"count":76}'
)
ORDER = (
    b'{"symbol":"BTCUSDT","origClientOrderId":"mine","orderId":28,"orderListId":-1,'
    b'"clientOrderId":"other","transactTime":1507725176595,"price":"0.00000000","origQty":"10.00",'
    b'"executedQty":"4.00","origQuoteOrderQty":"0.0","cummulativeQuoteQty":"10.00",'
    b'"status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"SELL","workingTime":1507725176,'
    b'"fills":[{"price":"4000.00","qty":"1.00","commission":"4.00","commissionAsset":"USDT",'
    b'"tradeId":56}],"selfTradePreventionMode":"NONE"}'
)
REFERENCE = b'{"symbol":"BAZUSD","referencePrice":"10.00","timestamp":1770736694138}'
AVERAGE = b'{"mins":5,"price":"9.35751834","closeTime":1694061154503}'
OWN_FILTERS = (
    b'{"exchangeFilters":[{"filterType":"EXCHANGE_MAX_NUM_ORDERS","maxNumOrders":1000}],'
    b'"symbolFilters":[{"filterType":"MAX_NUM_ORDER_LISTS","maxNumOrderLists":20}],'
    b'"assetFilters":[{"filterType":"MAX_ASSET","asset":"JPY","limit":"1000000.00000000"}]}'
)
REPLACED = (
    b'{"cancelResult":"SUCCESS","newOrderResult":"SUCCESS","cancelResponse":%s,'
    b'"newOrderResponse":%s}' % (ORDER, ORDER)
)
OWN_TRADES = (
    b'[{"symbol":"BNBBTC","id":28457,"orderId":100234,"orderListId":-1,"price":"4.00000100",'
    b'"qty":"12.00","quoteQty":"48.0","commission":"10.10","commissionAsset":"BNB",'
    b'"time":1499865549590,"isBuyer":true,"isMaker":false,"isBestMatch":true}]'
)
TERMS: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "MARKET",
    "quantity": Decimal(10),
    "client_order_id": "mine",
}
BODIES: dict[str, tuple[Any, bytes]] = {
    "order": (PlaceOrder(**TERMS), ORDER),
    "replaced": (ReplaceOrder(**TERMS, cancel_client_order_id="a"), REPLACED),
    "cancelled": (CancelOrder("BTCUSDT", order_id="28"), ORDER),
    "all cancelled": (CancelAll("BTCUSDT"), b'[%s,{"orderReports":[%s]}]' % (ORDER, ORDER)),
    "queried": (GetOrder("BTCUSDT", order_id="28"), ORDER),
    "open": (GetOpenOrders(), b"[%s]" % ORDER),
    "fills": (GetFills("BNBBTC"), OWN_TRADES),
    "ping": (Ping(), b"{}"),
    "time": (GetServerTime(), b'{"serverTime":1499827319559}'),
    "listing": (GetListing(), INFO),
    "exchangeInfo": (GetExchangeInfo(), INFO),
    "depth": (GetOrderBook("ETHBTC"), DEPTH),
    "snapshot": (GetSnapshot(symbol="ETHBTC", depth=1000), DEPTH),
    "past trades": (GetPastTrades("BNBBTC", 28457, 1), TRADES),
    "past klines": (
        GetPastKlines("BNBBTC", "1m", 1499040000000000000, 1499644799999000000, 2),
        CANDLES,
    ),
    "day": (GetDay("BNBBTC"), DAY),
    "candle": (GetCandle("BNBBTC", "1m"), CANDLES),
    "reference price": (GetReferencePrice("BAZUSD"), REFERENCE),
    "average price": (GetAveragePrice("BAZUSD"), AVERAGE),
    "last price": (GetLastPrice("LTCBTC"), b'{"symbol":"LTCBTC","price":"4.00000200"}'),
    "own filters": (GetAccountFilters("BTCJPY"), OWN_FILTERS),
    "account": (GetBalances(), ACCOUNT),
    "permissions": (GetKeyPermissions(), ACCOUNT),
    "restrictions": (
        GetKeyRestrictions(),
        (
            b'{"ipRestrict":false,"createTime":1698645219000,"enableReading":true,'
            b'"enableWithdrawals":false,"enableSpotAndMarginTrading":false}'
        ),
    ),
}


def test_every_endpoint_is_here() -> None:
    """One that is added is fuzzed, too."""
    assert {type(request) for request, _ in BODIES.values()} == set(BINANCE.endpoints)


@pytest.mark.parametrize("name", BODIES)
def test_an_endpoint(name: str, fuzz: Any, change: Any) -> None:
    """What it gives has no value that is none."""
    request, body = BODIES[name]
    read = BINANCE.endpoints[type(request)].decode
    assert read(body, request, 7) is not None

    def check(rng: random.Random) -> None:
        mutated = change([body, DEPTH, INFO] if rng.random() < 0.1 else [body], rng)
        try:
            reply = read(mutated, request, 7)
        except MalformedError as error:
            reply = str(error)
        if isinstance(reply, str):
            assert len(reply) < 400
            return
        for each in reply if isinstance(reply, tuple) else (reply,):
            if isinstance(each, OrderAnswer):
                each = each.order
            if name in ("depth", "snapshot", "account") or isinstance(each, Order | Fill):
                assert decode(encode(each)) == each, mutated
            if isinstance(each, ExchangeInfo):
                assert len(msgspec.msgpack.encode(each)) > 0
                assert repr(each)

    fuzz(check, 500)


REFUSALS = [
    b'{"code":-1121,"msg":"Invalid symbol."}',
    b'{"code":-1003,"msg":"Way too much request weight used; IP banned until 1659146400000. Use."}',
    b'{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}',
    b"<html>Bad gateway</html>",
]
HEADERS = [
    b"5",
    b"0",
    b"1e5",
    b"Wed, 21 Oct 2026 07:28:00 GMT",
    b"-1",
    b"",
    b"9999999999",
    b"Wed, 21 Oct 99999 07:28:00 +9999",
]


def test_refusals(fuzz: Any, change: Any) -> None:
    """Whatever the status, the headers and the body are: what it means, with bounded waits."""

    def check(rng: random.Random) -> None:
        status = rng.choice(
            (200, 302, 400, 401, 403, 404, 418, 429, 500, 503, rng.randrange(100, 999))
        )
        headers = {}
        for name in ("retry-after", "x-mbx-used-weight-1m", "content-type"):
            if rng.random() < 0.6:
                value = rng.choice(HEADERS)
                headers[name] = (
                    change([value or b"1"], rng) if rng.random() < 0.7 else value
                ).decode("latin-1")
        body = change(REFUSALS, rng)
        refusal = BINANCE.refusal(status, headers, body, 1_790_000_000.0)
        assert (refusal is None) == (200 <= status < 300)
        if refusal is not None:
            assert decode(encode(refusal.error)) == refusal.error
            assert refusal.wait is None or 0 < refusal.wait <= 3 * 86_400
        used = BINANCE.used_weight(headers)
        assert used is None or used >= 0

    fuzz(check, 1000)
