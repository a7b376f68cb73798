"""What REST answers become: clocks, books, balances, keys."""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.messages.account import Balance, KeyPermissions, KeyRestrictions
from exchange_connector.messages.base import Request
from exchange_connector.messages.health import Pong, ServerTime
from exchange_connector.messages.market import OrderBook
from exchange_connector.messages.requests import (
    GetBalances,
    GetKeyPermissions,
    GetKeyRestrictions,
    GetOrderBook,
    GetServerTime,
    Ping,
)
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.driver import Driver, MalformedError

Lines = Callable[[str], Iterator[dict[str, Any]]]

D = Decimal
RECEIVED = 7
ANSWERED = 1_690_872_862_481


def reply(request: Request[Any], result: object, driver: Driver = SPOT) -> Any:
    """What the driver makes of a result."""
    answer = {"retCode": 0, "retMsg": "OK", "result": result, "time": ANSWERED}
    return decoded(request, json.dumps(answer).encode(), driver)


def decoded(request: Request[Any], body: bytes, driver: Driver = SPOT) -> Any:
    """What it makes of a body."""
    return driver.endpoints[type(request)].decode(body, request, RECEIVED)


TIME = {"timeSecond": "1688639403", "timeNano": "1688639403423213947"}


def test_the_clock_has_nanoseconds() -> None:
    """As text; what a ping asks for is the same."""
    assert reply(GetServerTime(), TIME) == ServerTime(1688639403423213947)
    assert reply(Ping(), TIME) == Pong(0.0)


@pytest.mark.parametrize(
    "nano", ["", "x", "-1", "1.5", "1e5", " 1", "\u0661", "9" * 19, "9" * 20, 1, None]
)
def test_what_is_no_clock(nano: Any) -> None:
    """19 digits of nines are beyond what an instant may be."""
    with pytest.raises(MalformedError):
        reply(GetServerTime(), {**TIME, "timeNano": nano})


BOOK: dict[str, Any] = {
    "s": "BTCUSDT",
    "a": [["65557.70", "16.606555"]],
    "b": [["65485.47", "47.081829"], ["65485.0", "1"]],
    "ts": 1716863719031,
    "u": 230704,
    "seq": 1432604333,
    "cts": 1716863718905,
}


def test_an_order_book() -> None:
    """At the time of the matching engine, where that is said."""
    book = reply(GetOrderBook("btcusdt", 2), BOOK)
    wanted = OrderBook(
        "bybit",
        "BTCUSDT",
        1716863718905_000_000,
        RECEIVED,
        230704,
        ((D("65485.47"), D("47.081829")), (D("65485.0"), D("1"))),  # type: ignore[arg-type]
        ((D("65557.70"), D("16.606555")),),  # type: ignore[arg-type]
    )
    assert book == wanted
    assert str(book.asks[0].price) == "65557.70"
    older = {name: value for name, value in BOOK.items() if name != "cts"}
    assert reply(GetOrderBook("BTCUSDT"), older).event_time == 1716863719031_000_000


@pytest.mark.parametrize(
    "changes",
    [
        *({"s": "ETHUSDT"}, {"u": -1}, {"u": "1"}, {"ts": 2**63}, {"cts": 10**15}, {"b": None}),
        *({"b": [["NaN", "1"]]}, {"a": [["1", "1", "1"]]}, {"a": [[1, 1]]}, {"a": {}}),
    ],
)
def test_what_is_no_book(changes: dict[str, Any]) -> None:
    """Another's, or one with something else in it."""
    with pytest.raises(MalformedError):
        reply(GetOrderBook("BTCUSDT"), {**BOOK, **changes})


def wallet(*coins: dict[str, Any]) -> dict[str, Any]:
    """A unified account."""
    return {"list": [{"accountType": "UNIFIED", "totalEquity": "3.3", "coin": list(coins)}]}


def coin(name: str, total: Any, locked: Any, **more: Any) -> dict[str, Any]:
    """What it holds of one coin; dead fields are empty."""
    dead = {"availableToWithdraw": "", "free": "", "availableToBorrow": ""}
    return {"coin": name, "walletBalance": total, "locked": locked, **dead, **more}


def balance(asset: str, free: str, locked: str) -> Balance:
    """As of the answer."""
    time = ANSWERED * 1_000_000
    return Balance("bybit", time, RECEIVED, asset, D(free), D(locked), time)


def test_balances() -> None:
    """Free is what is not locked; what is borrowed is in it, and a debt is less than nothing."""
    found = reply(
        GetBalances(),
        wallet(
            coin("BTC", "1.50000000", "0.25"),
            coin("ETH", "100", "0", spotBorrow="100", borrowAmount="100"),
            coin("USDT", "-12.5", "0.00"),
            coin("SOL", "0", "0.0"),
        ),
    )
    assert [repr(each) for each in found] == [
        repr(balance("BTC", "1.25000000", "0.25")),
        repr(balance("ETH", "100", "0")),
        repr(balance("USDT", "-12.50", "0.00")),
    ]
    assert reply(GetBalances(), {"list": []}) == ()


def test_a_balance_is_exact_whatever_the_context() -> None:
    """The user's decimal context is the user's."""
    with decimal.localcontext(decimal.Context(prec=2)):
        (found,) = reply(GetBalances(), wallet(coin("BTC", "123456789.123456789", "0.000000001")))
    assert str(found.free) == "123456789.123456788"
    with pytest.raises(MalformedError, match="too many digits"):
        reply(GetBalances(), wallet(coin("BTC", "1" * 150, "0." + "1" * 150)))


@pytest.mark.parametrize(
    ("total", "locked"),
    [("", "0"), ("1", ""), ("NaN", "0"), ("1", "-1"), ("1e5", "0"), (1, "0"), ("1", None)],
)
def test_what_is_no_balance(total: Any, locked: Any) -> None:
    """Only a whole may be less than nothing."""
    with pytest.raises(MalformedError):
        reply(GetBalances(), wallet(coin("BTC", total, locked)))


KEY: dict[str, Any] = {
    "id": "2208369",
    "apiKey": "the-key-itself",
    "readOnly": 0,
    "secret": "",
    "permissions": {
        "ContractTrade": ["Order", "Position"],
        "Spot": ["SpotTrade"],
        "Wallet": ["AccountTransfer", "Withdraw"],
        "Derivatives": ["DerivativesTrade"],
        "NFT": [],
    },
    "ips": ["18.181.170.164"],
}


@pytest.mark.parametrize(
    ("driver", "changes", "trade", "withdraw"),
    [
        (SPOT, {}, True, True),
        (LINEAR, {}, True, True),
        (SPOT, {"readOnly": 1}, False, False),
        (LINEAR, {"readOnly": 1}, False, False),
        (SPOT, {"permissions": {"Spot": ["SpotTrade"]}}, True, False),
        (LINEAR, {"permissions": {"Spot": ["SpotTrade"]}}, False, False),
        (LINEAR, {"permissions": {"ContractTrade": ["Order"]}}, True, False),
        (LINEAR, {"permissions": {"ContractTrade": ["Position"]}}, False, False),
        (LINEAR, {"permissions": {"Derivatives": ["DerivativesTrade"]}}, True, False),
        (SPOT, {"permissions": {"Wallet": ["Withdraw"]}}, False, True),
        (SPOT, {"permissions": {}}, False, False),
    ],
)
def test_what_a_key_may_do(
    driver: Driver, changes: dict[str, Any], trade: bool, withdraw: bool
) -> None:
    """On the market that is asked; the key itself is not repeated."""
    content = {**KEY, **changes}
    names = tuple(name for group in content["permissions"].values() for name in group)
    allowed = reply(GetKeyPermissions(), content, driver)
    assert allowed == KeyPermissions("bybit", trade, withdraw, True, names)
    own = reply(GetKeyRestrictions(), content, driver)
    assert own == KeyRestrictions("bybit", True, True, trade, withdraw)
    assert KEY["apiKey"] not in f"{allowed}{own}"


@pytest.mark.parametrize(("ips", "expected"), [(["*"], False), ([], False), (["1.1.1.1"], True)])
def test_a_key_may_be_bound_to_addresses(ips: list[str], expected: bool) -> None:
    """A star stands for any."""
    assert reply(GetKeyRestrictions(), {**KEY, "ips": ips}).is_ip_restricted is expected


@pytest.mark.parametrize(
    "changes", [{"readOnly": None}, {"readOnly": "0"}, {"permissions": None}, {"ips": "x"}]
)
def test_what_says_nothing_of_a_key(changes: dict[str, Any]) -> None:
    """Nor is anything of it in the error."""
    for request in (GetKeyPermissions(), GetKeyRestrictions()):
        with pytest.raises(MalformedError) as raised:
            reply(request, {**KEY, **changes})
        assert KEY["apiKey"] not in str(raised.value)
        assert raised.value.__context__ is None


@pytest.mark.parametrize(
    "request_",
    [Ping(), GetServerTime(), GetOrderBook("A"), GetBalances(), GetKeyPermissions()],
)
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"<html>", b"\xff", b"{}", b'{"retCode":0}'),
        *(b'{"retCode":0,"result":null}', b'{"retCode":0,"result":[]}', b"[" * 100_000),
        b'{"retCode":10001,"result":{}}',
    ],
)
def test_bodies_that_are_none(request_: Request[Any], body: bytes) -> None:
    """Refused, in short."""
    with pytest.raises(MalformedError) as raised:
        decoded(request_, body)
    assert len(str(raised.value)) < 200
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "label", "request_"),
    [
        ("docs/bybit_market.jsonl", "market/time", GetServerTime()),
        ("docs/bybit_market.jsonl", "market/orderbook", GetOrderBook("BTCUSDT")),
        ("docs/bybit_account.jsonl", "account/wallet-balance", GetBalances()),
        ("docs/bybit_account.jsonl", "user/apikey-info", GetKeyPermissions()),
        ("docs/bybit_account.jsonl", "user/apikey-info", GetKeyRestrictions()),
        ("samples/jkorf_bybit_v5_rest.jsonl", "ExchangeData/GetOrderbook", GetOrderBook("BTCUSDT")),
        ("samples/jkorf_bybit_v5_rest.jsonl", "Account/GetBalances", GetBalances()),
        ("samples/jkorf_bybit_v5_rest.jsonl", "Account/GetApiKeyInfo", GetKeyRestrictions()),
    ],
)
def test_documented_bodies(name: str, label: str, request_: Request[Any], lines: Lines) -> None:
    """Of the documentation and of another library."""
    found = [
        line for line in lines(name) if label in line.get("file", "") or label in line["label"]
    ]
    assert len(found) == 1
    assert decoded(request_, found[0]["raw"].encode()) is not None
