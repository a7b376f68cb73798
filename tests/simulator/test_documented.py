"""Every documented answer of REST, and every documented filter, against our own answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

Documented = Callable[[str], list[tuple[str, Any]]]
Figure = Callable[[str, object], None]
STEPS = 5_000  # enough for block trades
SYMBOLS = ("BTCUSDT", "BNBBTC", "ETHBTC", "LTCBTC", "BAZUSD", "BNBBUSD")
RECORDING = "binance_spot/hft_20240808_ETHUSDT.jsonl.gz"
NAMES = '["BNBBTC","BTCUSDT"]'

REQUESTS = {
    "Error Codes 0": "depth?symbol=NOTHERE",
    "Test connectivity 0": "ping",
    "Check server time 0": "time",
    "Exchange information 0": "exchangeInfo",
    "Query Execution Rules 0": "executionRules",
    "Order book 0": "depth?symbol=BNBBTC",
    "Recent trades list 0": "trades?symbol=BNBBTC",
    "Old trade lookup 0": "historicalTrades?symbol=BNBBTC",
    "Historical Block Trades 0": "historicalBlockTrades?symbol=BNBBTC&fromId=0",
    "Compressed/Aggregate trades list 0": "aggTrades?symbol=BNBBTC",
    "Kline/Candlestick data 0": "klines?symbol=BNBBTC&interval=1m",
    "UIKlines 0": "uiKlines?symbol=BNBBTC&interval=1d&timeZone=8",
    "Current average price 0": "avgPrice?symbol=BNBBTC",
    "24hr ticker price change statistics 0": "ticker/24hr?symbol=BNBBTC",
    "24hr ticker price change statistics 1": "ticker/24hr",
    "24hr ticker price change statistics 2": "ticker/24hr?symbol=BNBBTC&type=MINI",
    "24hr ticker price change statistics 3": "ticker/24hr?type=MINI",
    "Trading Day Ticker 0": "ticker/tradingDay?symbol=BTCUSDT",
    "Trading Day Ticker 1": f"ticker/tradingDay?symbols={NAMES}",
    "Trading Day Ticker 2": "ticker/tradingDay?symbol=BTCUSDT&type=MINI",
    "Trading Day Ticker 3": f"ticker/tradingDay?symbols={NAMES}&type=MINI&timeZone=-3",
    "Symbol price ticker 0": "ticker/price?symbol=LTCBTC",
    "Symbol price ticker 1": "ticker/price",
    "Symbol order book ticker 0": "ticker/bookTicker?symbol=LTCBTC",
    "Symbol order book ticker 1": "ticker/bookTicker",
    "Rolling window price change statistics 0": "ticker?symbol=BNBBTC&windowSize=7d",
    "Rolling window price change statistics 1": f"ticker?symbols={NAMES}",
    "Rolling window price change statistics 2": "ticker?symbol=BNBBTC&type=MINI&windowSize=5m",
    "Rolling window price change statistics 3": f"ticker?symbols={NAMES}&type=MINI",
    "Query Reference Price 0": "referencePrice?symbol=BAZUSD",
    "Query Reference Price Calculation 1": "referencePrice/calculation?symbol=BAZUSD",
    "Account information (USER_DATA) 0": "account?",
    "Current open orders (USER_DATA) 0": "openOrders?symbol=LTCBTC",
    "All orders (USER_DATA) 0": "allOrders?symbol=LTCBTC",
    "Query all Order lists (USER_DATA) 0": "allOrderList?",
    "Query Open Order lists (USER_DATA) 0": "openOrderList?",
    "Account trade list (USER_DATA) 0": "myTrades?symbol=BNBBTC",
    "Query Unfilled Order Count (USER_DATA) 0": "rateLimit/order?",
    "Query Prevented Matches (USER_DATA) 0": "myPreventedMatches?symbol=BTCUSDT&orderId=5",
    "Query Allocations (USER_DATA) 0": "myAllocations?symbol=BTCUSDT",
    "Query Commission Rates (USER_DATA) 0": "account/commission?symbol=BTCUSDT",
    "Query relevant filters (USER_DATA) 0": "myFilters?symbol=BTCUSDT",
}
# a market that rests for a minute has none now, one that was recorded without never had any
AFTER_A_REST = {"Query Reference Price 1": "referencePrice?symbol=BAZUSD"}
RECORDED = {
    "Query Reference Price 2": "referencePrice?symbol=ETHUSDT",
    "Query Reference Price Calculation 0": "referencePrice/calculation?symbol=ETHUSDT",
}
OTHER_WAY = {"Query Reference Price Calculation 2": "the reference price is a mean"}
ORDERS = (
    "New order",
    "Test new order",
    "Cancel",
    "Order Amend",
    "New OCO",
    "New Order",
    "New order",
    "Query order",
    "Query Order list",
    "Query Order Amendments",
)
ACCEPTED = {
    r"Exchange information 0: \$\.sors is missing": "optional: only where orders are routed",
    r".*(trades list|trade lookup) 0: \$\[\]\.quoteQty is 8 decimals, .*": (
        "the example has less decimals than recorded answers"
    ),
    r"Query Reference Price 0: \$\.referencePrice is 8 decimals, .*": (
        "the example of the websocket API has eight"
    ),
    r"Historical Block Trades 0: .* is 8 decimals, documented (\d decimals|digits)": (
        "shortened as in the examples of the streams"
    ),
    r"(Current open orders|All orders|Query all Order lists|Query Open Order lists|Account trade"
    r" list|Query Prevented Matches|Query Allocations) \(USER_DATA\) 0: \$ is empty": (
        "the account has not traded"
    ),
}
NOT_IN_OUR_FILTERS = {
    "PERCENT_PRICE": "PERCENT_PRICE_BY_SIDE stands instead, as on the exchange",
    "MIN_NOTIONAL": "NOTIONAL stands instead, as on the exchange",
    "MAX_NUM_ICEBERG_ORDERS": "not set",
    "MAX_POSITION": "not set",
    "EXCHANGE_MAX_NUM_ALGO_ORDERS": "not set",
    "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": "not set",
    "EXCHANGE_MAX_NUM_ORDER_LISTS": "not set",
}


@pytest.fixture
def market() -> Iterator[SimulatedExchange]:
    """An exchange that lists the symbols of the examples."""
    with SimulatedExchange(symbols=SYMBOLS) as running:
        running.skew_clock(10 - time.time() % 60)
        running.hold()
        running.advance(STEPS)
        yield running


def answer(exchange: SimulatedExchange, path: str, signed: bool = False) -> Any:
    name, _, query = path.partition("?")
    headers = {}
    if signed:
        stamp = requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).json()["serverTime"]
        query = f"{query}&timestamp={stamp}".removeprefix("&")
        secret = exchange.api_secret.encode()
        signature = hmac.new(secret, query.encode(), hashlib.sha256).hexdigest()
        query = f"{query}&signature={signature}"
        headers = {"X-MBX-APIKEY": exchange.api_key}
    url = f"{exchange.rest_url}/api/v3/{name}?{query}".removesuffix("?")
    return requests.get(url, headers=headers, timeout=5).json()


def test_rest_answers_are_as_documented(
    market: SimulatedExchange,
    comparison: Callable[[dict[str, str]], Any],
    documented: Documented,
    fixture_file: Callable[[str], Path],
    figure: Figure,
) -> None:
    """Same fields, same kinds, as many decimals, the same unit of time."""
    made = comparison(ACCEPTED)
    orders: list[str] = []
    for title, example in documented("docs/binance_rest.jsonl"):
        if title in REQUESTS:
            made.compare(title, example, answer(market, REQUESTS[title], "USER_DATA" in title))
        elif title not in AFTER_A_REST | RECORDED | OTHER_WAY:
            assert title.startswith(ORDERS), f"no request for the example {title}"
            orders.append(title)
    examples = dict(documented("docs/binance_rest.jsonl"))
    market.step_clock(60)
    for title, path in AFTER_A_REST.items():
        made.compare(title, examples[title], answer(market, path))
    with SimulatedExchange(replay=fixture_file(RECORDING)) as recorded:
        for title, path in RECORDED.items():
            made.compare(title, examples[title], answer(recorded, path))
    assert made.differences == []
    assert made.met.keys() == ACCEPTED.keys()
    figure("documented REST answers compared", f"{made.examples}, {made.fields} fields")
    figure("documented REST answers not served", f"{len(orders)} about orders")
    figure("documented REST answers not compared", sorted(OTHER_WAY.values()))
    figure("differences accepted in REST answers", sorted(set(ACCEPTED.values())))


def test_filters_are_as_documented(
    market: SimulatedExchange,
    comparison: Callable[[dict[str, str]], Any],
    documented: Documented,
    figure: Figure,
) -> None:
    """Each filter that a symbol or the account has is written as documented."""
    rules = answer(market, "exchangeInfo?symbol=BTCUSDT")["symbols"][0]["filters"]
    mine = answer(market, "myFilters?symbol=BTCUSDT", signed=True)
    ours = {
        one["filterType"]: one for one in [*rules, *(row for rows in mine.values() for row in rows)]
    }
    made = comparison({r".*Multiplier\w+ is .*": "multipliers are written as short as they are"})
    absent = set(NOT_IN_OUR_FILTERS)
    for title, example in documented("docs/binance_filters.jsonl"):
        kind = example["filterType"]
        if kind in ours:
            made.compare(title, example, ours.pop(kind))
        else:
            absent.remove(kind)
    assert made.differences == []
    assert (ours, absent) == ({}, set())
    figure("documented filters compared", f"{made.examples}, {made.fields} fields")
    figure("documented filters not set", sorted(NOT_IN_OUR_FILTERS))


SAMPLES_ACCEPTED = {
    r".*: \$\.sors is missing": "optional: only where orders are routed",
    r".*rades: \$\[\]\.quoteQty is 8 decimals, .*": "as in the documentation",
    r"/api/v3/referencePrice: \$\.referencePrice is 8 decimals, .*": "as in the documentation",
    r"/api/v3/\w*(Orders|OrderList|Trades|Matches): \$ is empty": "the account has not traded",
    r".*: \$\.externalCalculationId is missing": "the sample mixes two kinds of calculation",
    r"/api/v3/account/commission: \$\.specialCommission is not documented": "newer",
    r"/api/v3/exchangeInfo: .*\.\w+ is not documented": "newer",
}


def test_answers_are_as_other_clients_know_them(
    market: SimulatedExchange,
    comparison: Callable[[dict[str, str]], Any],
    fixture_file: Callable[[str], Path],
    figure: Figure,
) -> None:
    """The samples by which another library is tested have the same form as our answers."""
    ours = {f"/api/v3/{path.partition('?')[0]}": path for path in reversed(REQUESTS.values())}
    made = comparison(SAMPLES_ACCEPTED)
    others = 0
    for line in fixture_file("samples/jkorf_binance_spot_rest.jsonl").read_text().splitlines():
        sample = json.loads(line)
        if sample["method"] != "GET" or sample["url"] not in ours:
            others += sample["url"].startswith("/api/")
            continue
        path = ours[sample["url"]]
        made.compare(sample["url"], json.loads(sample["raw"]), answer(market, path, sample["auth"]))
    assert made.differences == []
    figure("REST samples of another client compared", f"{made.examples}, {made.fields} fields")
    figure("REST samples of another client not served", f"{others} about orders")
