"""Refusals of the REST interface (errors.md)."""

from __future__ import annotations

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange


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


def test_other_methods_are_not_served(exchange: SimulatedExchange) -> None:
    """Market data is read with GET only."""
    answer = requests.post(f"{exchange.rest_url}/api/v3/time", timeout=5)
    assert answer.status_code == 404
