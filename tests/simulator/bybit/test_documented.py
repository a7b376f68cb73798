"""Answers have the fields of the documentation's examples, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Find = Callable[[str], Path]
SYMBOL = "BTCUSDT"
QUERIES: dict[str, tuple[str, dict[str, str]]] = {
    "market/time": ("market/time", {}),
    "market/orderbook": ("market/orderbook", {"category": "spot", "symbol": SYMBOL}),
    "market/recent-trade": ("market/recent-trade", {"category": "spot", "symbol": SYMBOL}),
    "market/kline": ("market/kline", {"symbol": SYMBOL, "interval": "60"}),
    "market/tickers spot": ("market/tickers", {"category": "spot", "symbol": SYMBOL}),
    # a contract's fields are documented with those of another category
    "market/tickers inverse": ("market/tickers", {"category": "linear", "symbol": SYMBOL}),
    "market/instrument spot": ("market/instruments-info", {"category": "spot"}),
}
SIGNED = {
    "account/wallet-balance": ("account/wallet-balance", "accountType=UNIFIED"),
    "account/account-info": ("account/info", ""),
    "user/apikey-info": ("user/query-api", ""),
}
NEWER = {
    "market/tickers inverse": {"singleOpenInterest", "singleOpenInterestValue"},
    "market/instrument spot": {"xstockMultiplier"},
    "account/account-info": {"retExtInfo", "time"},
}
"""Fields that an example has not, and the tables or the recordings have; or the whole envelope."""


def examples(find: Find) -> dict[str, Any]:
    """The documentation's examples of answers: by page and category."""
    found: dict[str, Any] = {}
    for name in ("docs/bybit_market.jsonl", "docs/bybit_account.jsonl"):
        for text in find(name).read_text("utf-8").splitlines():
            line = json.loads(text)
            page = line["file"].removeprefix("docs/v5/").removesuffix(".mdx")
            answer = json.loads(line["raw"])
            found[page] = answer
            if isinstance(answer["result"], dict) and "category" in answer["result"]:
                found[f"{page} {answer['result']['category']}"] = answer
    return found


def names(value: Any, path: str = "$") -> set[str]:
    """The paths of all fields; the rows of a list count as one."""
    if isinstance(value, dict):
        below = (names(each, f"{path}.{name}") for name, each in value.items())
        return {f"{path}.{name}" for name in value}.union(*below)
    if isinstance(value, list):
        return set[str]().union(*(names(each, f"{path}[]") for each in value))
    return set()


def compared(key: str, documented: Any, answered: Any) -> None:
    """Compare the fields of two answers."""
    newer = NEWER.get(key, set())
    more = names(answered) - names(documented)
    assert {path.rpartition(".")[2] for path in more} == newer, more
    assert names(documented) <= names(answered), names(documented) - names(answered)


@pytest.mark.parametrize("key", QUERIES)
def test_market(held: SimulatedExchange, get: Any, fixture_file: Find, key: str) -> None:
    """What anybody may ask."""
    path, query = QUERIES[key]
    compared(key, examples(fixture_file)[key], get(held, path, **query))


@pytest.mark.parametrize("key", SIGNED)
def test_account(exchange: SimulatedExchange, signed: Any, fixture_file: Find, key: str) -> None:
    """What takes a key."""
    path, query = SIGNED[key]
    compared(key, examples(fixture_file)[key], signed(exchange, path, query).json())


def test_answers_of_sockets(exchange: SimulatedExchange, client: Any, fixture_file: Find) -> None:
    """Confirmations and pongs, with the fields of their examples in their order."""
    lines = fixture_file("docs/bybit_ws_private.jsonl").read_text("utf-8").splitlines()
    shown = [json.loads(json.loads(line)["raw"]) for line in lines if "wss-auth" in line]
    fields = [list(each) for each in shown if "conn_id" in each and "data" not in each]
    spot, linear = client(exchange, "spot"), client(exchange, "linear")
    private = client(exchange, "private")
    made = [
        spot.ask("ping"),
        linear.ask("ping"),
        private.ask("ping", req_id="test"),
        spot.ask("subscribe", "tickers.BTCUSDT", req_id="10001"),
        linear.ask("subscribe", "publicTrade.BTCUSDT"),
    ]
    for answer in made:
        assert list(answer) in fields, answer
