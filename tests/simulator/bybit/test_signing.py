"""Requests that need a key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.bybit.errors import ApiError
from exchange_connector.simulator.bybit.signing import check_timestamp, sign

WALLET, QUERY = "account/wallet-balance", "accountType=UNIFIED"


def test_signature_vectors(fixture_file: Callable[[str], Path]) -> None:
    """Those that were derived from the documented layouts; the documentation masks its secret."""
    file = fixture_file("").parent / "signing_vectors.json"
    if not file.exists():
        pytest.skip("no signing_vectors.json (../shared is absent)")
    vectors = json.loads(file.read_text("utf-8"))["derived_not_official"]
    known = [vector for vector in vectors if vector["venue"] == "bybit-v5"]
    assert len(known) == 4
    for vector in known:
        assert sign(vector["secret"], vector["payload"]) == vector["signature"]


def test_the_account(exchange: SimulatedExchange, signed: Any) -> None:
    """Balances of a unified account, without the coins that are not there."""
    answer = signed(exchange, WALLET, QUERY).json()
    assert answer["retCode"] == 0, answer
    (wallet,) = answer["result"]["list"]
    assert wallet["accountType"] == "UNIFIED"
    coins = {row["coin"]: (row["walletBalance"], row["locked"]) for row in wallet["coin"]}
    assert coins == {"BTC": ("1.25", "0"), "ETH": ("20.5", "0"), "USDT": ("102500", "0")}
    some = signed(exchange, WALLET, f"{QUERY}&coin=ETH,USDT").json()["result"]["list"][0]["coin"]
    assert [row["coin"] for row in some] == ["ETH", "USDT"]
    assert signed(exchange, WALLET, "accountType=SPOT").json()["retCode"] == 10001
    assert signed(exchange, "account/info").json()["result"]["unifiedMarginStatus"] == 5
    key = signed(exchange, "user/query-api").json()["result"]
    assert (key["apiKey"], key["readOnly"], key["uta"]) == (exchange.api_key, 0, 1)
    assert exchange.api_secret not in json.dumps(key)


def test_who_says_nothing_is_refused_by_http(exchange: SimulatedExchange, signed: Any) -> None:
    """401 without any of the headers, 10001 without some."""
    names = ("X-BAPI-API-KEY", "X-BAPI-TIMESTAMP", "X-BAPI-SIGN")
    assert signed(exchange, WALLET, QUERY, headers=dict.fromkeys(names)).status_code == 401
    for name in names:
        answer = signed(exchange, WALLET, QUERY, headers={name: None})
        assert (answer.status_code, answer.json()["retCode"]) == (200, 10001)


def test_wrong_keys_and_signatures(exchange: SimulatedExchange, signed: Any) -> None:
    """10003 and 10004; the latter repeats what should have been signed, key and all."""
    answer = signed(exchange, WALLET, QUERY, headers={"X-BAPI-API-KEY": "x" * 18}).json()
    assert answer["retCode"] == 10003
    answer = signed(exchange, WALLET, QUERY, headers={"X-BAPI-SIGN": "0" * 64}).json()
    assert answer["retCode"] == 10004
    assert answer["retMsg"].startswith("error sign! origin_string[")
    assert f"{exchange.api_key}5000{QUERY}]" in answer["retMsg"]


def test_the_text_is_signed_as_it_is_sent(exchange: SimulatedExchange, signed: Any) -> None:
    """In the client's order and its encoding; and the window that it names."""
    assert signed(exchange, WALLET, f"coin=BTC%2CETH&{QUERY}").json()["retCode"] == 0
    answer = signed(exchange, WALLET, QUERY, headers={"X-BAPI-RECV-WINDOW": "20000"}).json()
    assert answer["retCode"] == 10004


@pytest.mark.parametrize(
    ("late_ms", "code"), [(4_000, 0), (6_000, 10002), (-500, 0), (-1_500, 10002)]
)
def test_the_window(exchange: SimulatedExchange, signed: Any, late_ms: int, code: int) -> None:
    """Not earlier than the window, and less than a second ahead."""
    answer = signed(exchange, WALLET, QUERY, late_ms=late_ms).json()
    assert answer["retCode"] == code
    assert answer["result"] or "recv_window[5000]" in answer["retMsg"]


def test_the_edges_of_the_window() -> None:
    """`server - window <= timestamp < server + 1000`."""
    now = 1_700_000_000_000
    for sent in (now - 5_000, now, now + 999):
        check_timestamp(str(sent), "5000", now)
    for wrong in (str(now - 5_001), str(now + 1_000), "", "now", "-1"):
        with pytest.raises(ApiError, match="server_timestamp"):
            check_timestamp(wrong, "5000", now)


def test_a_clock_that_is_wrong(exchange: SimulatedExchange, signed: Any) -> None:
    """It is the exchange's that counts."""
    exchange.skew_clock(30)
    assert signed(exchange, WALLET, QUERY).json()["retCode"] == 10002
    assert signed(exchange, WALLET, QUERY, late_ms=-30_000).json()["retCode"] == 0
