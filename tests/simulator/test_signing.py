"""Signed requests (rest-api.md "Request Security")."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.signing import without_signature
from exchange_connector.simulator.trading.keys import sign

SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
ORDER = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
OTHER_KEY = "k" * 64


def signed(
    exchange: SimulatedExchange, query: str, key: str | None = None, signature: str | None = None
) -> requests.Response:
    secret = exchange.api_secret.encode()
    made = hmac.new(secret, query.encode(), hashlib.sha256).hexdigest()
    url = f"{exchange.rest_url}/api/v3/account?{query}&signature={signature or made}"
    return requests.get(url, headers={"X-MBX-APIKEY": key or exchange.api_key}, timeout=5)


def now(exchange: SimulatedExchange, shift_ms: int = 0) -> int:
    answer: dict[str, Any] = requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).json()
    return int(answer["serverTime"]) + shift_ms


def refusal(answer: requests.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("symbol", "signature"),
    [
        ("LTCBTC", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (
            "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96",
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
        ),
    ],
)
def test_documented_vectors(symbol: str, signature: str) -> None:
    """The documentation's own signatures come out, ASCII and percent-encoded."""
    text = f"symbol={symbol}&{ORDER}"
    assert sign(SECRET, text) == signature
    assert without_signature(f"{text}&signature={signature}") == text


def test_a_right_signature_reads_the_account(exchange: SimulatedExchange) -> None:
    """Milliseconds, microseconds and an upper-case signature are all accepted."""
    timestamp = now(exchange)
    account = signed(exchange, f"timestamp={timestamp}").json()
    assert {row["asset"] for row in account["balances"]} == {"BTC", "ETH", "USDT", "BNB"}
    assert signed(exchange, f"timestamp={timestamp}000").status_code == 200
    query = f"timestamp={timestamp}&omitZeroBalances=true"
    upper = sign(exchange.api_secret, query).upper()
    held = signed(exchange, query, signature=upper).json()["balances"]
    assert {row["asset"] for row in held} == {"BTC", "ETH", "USDT"}


def test_the_query_is_verified_as_it_arrived(exchange: SimulatedExchange) -> None:
    """A signature over text that was percent-encoded only afterwards is wrong."""
    query = f"omitZeroBalances=%C3%A9&timestamp={now(exchange)}"
    plain = sign(exchange.api_secret, query.replace("%C3%A9", "é"))
    assert signed(exchange, query).status_code == 200
    assert refusal(signed(exchange, query, signature=plain)) == (400, -1022)


def test_keys_are_checked(exchange: SimulatedExchange) -> None:
    """No key and a malformed one give -2014, an unknown one -2015, all with status 401."""
    query = f"timestamp={now(exchange)}"
    url = f"{exchange.rest_url}/api/v3/account?{query}"
    assert refusal(requests.get(url, timeout=5)) == (401, -2014)
    assert refusal(signed(exchange, query, key="short")) == (401, -2014)
    assert refusal(signed(exchange, query, key=OTHER_KEY)) == (401, -2015)


def test_missing_timestamp_and_signature(exchange: SimulatedExchange) -> None:
    """Both are mandatory."""
    headers = {"X-MBX-APIKEY": exchange.api_key}
    url = f"{exchange.rest_url}/api/v3/account"
    for query, name in (("", "timestamp"), ("?timestamp=1700000000000", "signature")):
        answer = requests.get(url + query, headers=headers, timeout=5)
        assert refusal(answer) == (400, -1102)
        assert f"'{name}'" in answer.json()["msg"]


@pytest.mark.parametrize(
    ("shift_ms", "window", "message"),
    [
        (-6_000, "", "Timestamp for this request is outside of the recvWindow."),
        (-2_000, "&recvWindow=1000", "Timestamp for this request is outside of the recvWindow."),
        (5_000, "", "Timestamp for this request was 1000ms ahead of the server's time."),
        (5_000, "&recvWindow=60000", "Timestamp for this request was 1000ms ahead of the"),
    ],
)
def test_timestamps_out_of_the_window(
    exchange: SimulatedExchange, shift_ms: int, window: str, message: str
) -> None:
    """Too old by the window, or more than a second ahead whatever the window."""
    answer = signed(exchange, f"timestamp={now(exchange, shift_ms)}{window}")
    assert refusal(answer) == (400, -1021)
    assert answer.json()["msg"].startswith(message)


def test_a_wider_window_cures_lateness(exchange: SimulatedExchange) -> None:
    """An old timestamp passes with a window as wide, up to 60 seconds."""
    late = now(exchange, -20_000)
    assert signed(exchange, f"timestamp={late}&recvWindow=30000.5").status_code == 200
    assert refusal(signed(exchange, f"timestamp={late}&recvWindow=60001")) == (400, -1131)


def test_the_exchange_uses_its_own_clock(exchange: SimulatedExchange) -> None:
    """When the exchange's clock is set wrong, this machine's time is refused."""
    exchange.skew_clock(30)
    answer = signed(exchange, f"timestamp={int(time.time() * 1000)}")
    assert refusal(answer) == (400, -1021)
