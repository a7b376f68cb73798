"""Refusals of the REST interface (errors.md)."""

from __future__ import annotations

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.errors import ApiError
from exchange_connector.simulator.binance.parameters import sent_parameters


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("depth", 400, -1102, "Mandatory parameter 'symbol' was not sent"),
        ("depth?symbol=", 400, -1105, "Parameter 'symbol' was empty."),
        ("depth?symbol=btcusdt", 400, -1100, "Illegal characters found in parameter 'symbol'"),
        ("depth?symbol=NOTHERE", 400, -1121, "Invalid symbol."),
        ("depth?symbol=BTCUSDT&limit=x", 400, -1100, "legal range is '^[0-9]{1,20}$'."),
        ("depth?symbol=BTCUSDT&depth=5", 400, -1104, "read '1' parameter(s) but was sent '2'."),
        ("depth?symbol=BTCUSDT&symbol=ETHUSDT", 400, -1101, "Duplicate values for a parameter"),
        ("time?x=1", 400, -1101, "Too many parameters; expected '0' and received '1'."),
        ("exchangeInfo?symbol=NOTHERE", 400, -1121, "Invalid symbol."),
        ('exchangeInfo?symbols=["BTCUSDT","NOTHERE"]', 400, -1121, "Invalid symbol."),
        ("exchangeInfo?symbols=BTCUSDT", 400, -1100, "parameter 'symbols'"),
        ('exchangeInfo?symbols=["BTCUSDT","BTCUSDT"]', 400, -1151, "multiple times"),
        ('exchangeInfo?symbol=BTCUSDT&symbols=["BTCUSDT"]', 400, -1128, "Combination"),
        ("klines?symbol=BTCUSDT&interval=7m", 400, -1120, "Invalid interval."),
        ("klines?symbol=BTCUSDT", 400, -1102, "'interval'"),
        ("ticker/24hr?type=HUGE", 400, -1139, "Invalid ticker type."),
        ("ticker/24hr?symbolStatus=CLOSED", 400, -1122, "Invalid symbolStatus."),
        ("depth?symbol=BTCUSDT&symbolStatus=HALT", 400, -1220, "does not match the requested"),
        ("depth?symbol=BTCUSDT&limit=0", 400, -1130, "Data sent for parameter 'limit'"),
        ("ticker", 400, -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty"),
        ("ticker/tradingDay?type=MINI", 400, -1102, "Param 'symbol' or 'symbols' must be sent"),
        ("ticker?symbol=BTCUSDT&windowSize=60m", 400, -1130, "parameter 'windowSize'"),
        ("ticker?symbol=BTCUSDT&windowSize=1d2h", 400, -1130, "parameter 'windowSize'"),
        ("ticker?symbols=[]", 400, -1100, "parameter 'symbols'"),
        ("klines?symbol=BTCUSDT&interval=1d&timeZone=14:01", 400, -1130, "'timeZone'"),
        ("klines?symbol=BTCUSDT&interval=1d&timeZone=UTC", 400, -1130, "'timeZone'"),
        ("klines?symbol=BTCUSDT&interval=1M&limit=-1", 400, -1100, "parameter 'limit'"),
        ("aggTrades?symbol=BTCUSDT&fromId=1&endTime=1", 400, -1128, "Combination"),
        ("historicalBlockTrades?symbol=BTCUSDT", 400, -1102, "'fromId'"),
        ("exchangeInfo?symbol=BTCUSDT&permissions=SPOT", 400, -1128, "Combination"),
        ("exchangeInfo?symbol=BTCUSDT&symbolStatus=TRADING", 400, -1128, "Combination"),
        ('exchangeInfo?permissions=["SPOT"', 400, -1100, "parameter 'permissions'"),
        ("executionRules?symbol=BTCUSDT&symbolStatus=TRADING", 400, -1128, "Combination"),
        ("referencePrice?symbol=NOTHERE", 400, -1121, "Invalid symbol."),
        ("nothing", 404, -1000, ""),
    ],
)
def test_refusals(
    exchange: SimulatedExchange, path: str, status: int, code: int, message: str
) -> None:
    """Each wrong request has the status, code and message that the documentation names."""
    answer = requests.get(f"{exchange.rest_url}/api/v3/{path}", timeout=5)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert message in body["msg"]
    assert list(body) == ["code", "msg"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_not_served(exchange: SimulatedExchange, method: str) -> None:
    """Everything that is served is read with GET."""
    answer = requests.request(method, f"{exchange.rest_url}/api/v3/time", timeout=5)
    assert answer.status_code == 404


def test_an_unknown_path_is_a_page_for_those_who_want_one(exchange: SimulatedExchange) -> None:
    """Only a client that accepts HTML gets it, as the changelog says."""
    url = f"{exchange.rest_url}/api/v3/exchangie"
    answer = requests.get(url, headers={"Accept": "text/html,*/*"}, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html")
    assert answer.text == "<html><body><h2>404 Not found</h2></body></html>"
    assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "0"


def test_a_body_holds_parameters_too() -> None:
    """Of all methods but GET; the query string's are used where both have one."""
    query, body = "symbol=BTCUSDT&limit=5", "limit=10&side=BUY"
    assert sent_parameters("POST", query, body) == {
        "symbol": "BTCUSDT",
        "limit": "5",
        "side": "BUY",
    }
    assert sent_parameters("GET", query, body) == {"symbol": "BTCUSDT", "limit": "5"}
    with pytest.raises(ApiError, match="Duplicate"):
        sent_parameters("DELETE", query, "side=BUY&side=SELL")
