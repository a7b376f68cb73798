"""What the answers to REST requests become."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.account import Balance, KeyPermissions, KeyRestrictions
from exchange_connector.messages.base import Request
from exchange_connector.messages.enums import OrderType, SymbolStatus
from exchange_connector.messages.health import Pong, ServerTime
from exchange_connector.messages.instruments import (
    ExchangeInfo,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxPosition,
    MinNotional,
    Notional,
    OrderCountLimit,
    OtherFilter,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    RateLimit,
    TrailingDelta,
)
from exchange_connector.messages.market import OrderBook
from exchange_connector.messages.requests import (
    GetBalances,
    GetExchangeInfo,
    GetKeyPermissions,
    GetKeyRestrictions,
    GetOrderBook,
    GetServerTime,
    Ping,
)
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.filters import typed_filter
from exchange_connector.venues.driver import MalformedError
from exchange_connector.venues.questions import (
    AveragePrice,
    GetAccountFilters,
    GetAveragePrice,
    GetLastPrice,
    GetListing,
    GetReferencePrice,
    Listing,
)

Lines = Callable[[str], Iterator[dict[str, Any]]]

D = Decimal
RECEIVED = 1_700_000_000_000_000_000
REQUESTS: list[Request[Any]] = [
    *(Ping(), GetServerTime(), GetListing(), GetExchangeInfo(), GetBalances()),
    *(GetOrderBook(symbol="BTCUSDT"), GetKeyPermissions(), GetKeyRestrictions()),
    *(GetReferencePrice("A"), GetAveragePrice("A"), GetLastPrice("A"), GetAccountFilters("A")),
]
REFERENCE = GetReferencePrice("A")


def decode(request: Request[Any], body: bytes | str) -> Any:
    """The reply in a body."""
    data = body if isinstance(body, bytes) else body.encode()
    return DRIVER.endpoints[type(request)].decode(data, request, RECEIVED)


def test_simple_answers() -> None:
    """A ping says nothing; the time is in milliseconds, or in microseconds if so asked."""
    assert decode(Ping(), "{}") == Pong(0.0)
    assert decode(GetServerTime(), '{"serverTime":1499827319559}') == ServerTime(
        1_499_827_319_559_000_000
    )
    assert decode(GetServerTime(), '{"serverTime":1499827319559123}') == ServerTime(
        1_499_827_319_559_123_000
    )


def test_an_order_book_is_of_the_symbol_that_was_asked_for() -> None:
    """The answer itself names none, and has no time."""
    body = '{"lastUpdateId":1027024,"bids":[["4.00000000","431.0"]],"asks":[["4.00000200","12"]]}'
    book = decode(GetOrderBook(symbol="ltcbtc"), body)
    assert isinstance(book, OrderBook)
    assert (book.symbol, book.update_id, book.event_time) == ("LTCBTC", 1027024, RECEIVED)
    assert repr(book.bids[0].price) == "Decimal('4.00000000')"
    assert book.asks == ((D("4.00000200"), D(12)),)


def test_balances_are_as_of_the_accounts_last_change() -> None:
    """An account that never changed has no such time."""
    body: dict[str, Any] = {
        "updateTime": 1_600_000_000_000,
        "balances": [{"asset": "BTC", "free": "4723846.89208129", "locked": "0.00000000"}],
        "uid": 1,
    }
    changed = 1_600_000_000_000_000_000
    (balance,) = decode(GetBalances(), json.dumps(body))
    assert balance == Balance(
        "binance", changed, RECEIVED, "BTC", D("4723846.89208129"), D(0), changed
    )
    (balance,) = decode(GetBalances(), json.dumps({**body, "updateTime": 0}))
    assert (balance.event_time, balance.update_time) == (RECEIVED, 0)


def test_the_accounts_flags() -> None:
    """They stand beside the balances; an account without named permissions has none."""
    body = {"canTrade": True, "canWithdraw": False, "canDeposit": True, "balances": []}
    expected = KeyPermissions("binance", True, False, True, ())
    assert decode(GetKeyPermissions(), json.dumps(body)) == expected
    named = decode(GetKeyPermissions(), json.dumps({**body, "permissions": ["SPOT", "MARGIN"]}))
    assert named.permissions == ("SPOT", "MARGIN")


def test_the_keys_own_rights(lines: Lines) -> None:
    """As an answer of the exchange shows them."""
    labels = {line["label"]: line["raw"] for line in lines("samples/jkorf_binance_spot_rest.jsonl")}
    body = labels["Endpoints/Spot/Account/GetAPIKeyPermissions.txt"]
    expected = KeyRestrictions(
        "binance", is_ip_restricted=False, can_read=True, can_trade=False, can_withdraw=False
    )
    assert decode(GetKeyRestrictions(), body) == expected
    changed = {**json.loads(body), "ipRestrict": True, "enableWithdrawals": True}
    may = decode(GetKeyRestrictions(), json.dumps(changed))
    assert (may.is_ip_restricted, may.can_withdraw, may.can_trade) == (True, True, False)


INFO: dict[str, Any] = {
    "serverTime": 1565246363776,
    "rateLimits": [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
        {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 200000},
        {"rateLimitType": "NEW", "interval": "FORTNIGHT", "intervalNum": 1, "limit": 1},
    ],
    "symbols": [
        {
            "symbol": "ETHBTC",
            "status": "TRADING",
            "baseAsset": "ETH",
            "quoteAsset": "BTC",
            "orderTypes": ["LIMIT", "A_NEW_TYPE"],
            "filters": [{"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200}],
        },
        {"symbol": "币安USDT", "status": "A_NEW_STATUS", "baseAsset": "币安", "quoteAsset": "USDT"},
    ],
}


def test_exchange_information_is_typed() -> None:
    """What this version does not know stays text; a limit of no known period is left out."""
    info = decode(GetExchangeInfo(), json.dumps(INFO))
    assert isinstance(info, ExchangeInfo)
    assert info.server_time == 1_565_246_363_776_000_000
    assert info.rate_limits == (
        RateLimit("REQUEST_WEIGHT", 60.0, 6000),
        RateLimit("ORDERS", 10.0, 100),
        RateLimit("ORDERS", 86_400.0, 200000),
    )
    known, new = info.symbols
    assert known.status is SymbolStatus.TRADING
    assert known.order_types == ("LIMIT", "A_NEW_TYPE")
    assert known.order_types[0] is OrderType.LIMIT
    assert known.filters == (OrderCountLimit("MAX_NUM_ORDERS", 200),)
    assert (new.symbol, new.status, new.filters) == ("币安USDT", "A_NEW_STATUS", ())


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        (INFO["rateLimits"], 6000),
        ([], None),
        ([{**INFO["rateLimits"][0], "limit": 0}], None),
        ([{**INFO["rateLimits"][0], "intervalNum": 2}], 3000),
        ([{**INFO["rateLimits"][0], "interval": "SECOND", "limit": 50}], 3000),
        ([INFO["rateLimits"][0], {**INFO["rateLimits"][0], "limit": 1200}], 1200),
    ],
)
def test_the_listing_is_in_short(limits: list[Any], allowed: int | None) -> None:
    """The names of all symbols, the weight allowed within a minute, the limits of orders."""
    listing = decode(GetListing(), json.dumps({**INFO, "rateLimits": limits}))
    orders: tuple[RateLimit, ...] = ()
    if limits is INFO["rateLimits"]:
        orders = RateLimit("ORDERS", 10.0, 100), RateLimit("ORDERS", 86_400.0, 200_000)
    assert listing == Listing(frozenset({"ETHBTC", "币安USDT"}), allowed, orders)


def test_every_documented_filter_is_typed(lines: Lines) -> None:
    """As the page of the filters shows them; a new one would keep its fields as text."""
    typed = [typed_filter(json.loads(line["raw"])) for line in lines("docs/binance_filters.jsonl")]
    assert typed[:8] == [
        PriceFilter(D("0.00000100"), D("100000.00000000"), D("0.00000100")),
        PercentPrice(D("1.3000"), D("0.7000"), 5),
        PercentPriceBySide(D("1.2"), D("0.2"), D(5), D("0.8"), 1),
        LotSize(D("0.00100000"), D("100000.00000000"), D("0.00100000")),
        MinNotional(D("0.00100000"), True, 5),
        Notional(D("10.00000000"), False, D("10000.00000000"), False, 5),
        OrderCountLimit("ICEBERG_PARTS", 10),
        MarketLotSize(D("0.00100000"), D("100000.00000000"), D("0.00100000")),
    ]
    assert not [rule for rule in typed if isinstance(rule, OtherFilter)]
    assert MaxAsset("USDC", D("42.00000000")) in typed
    assert MaxPosition(D("10.00000000")) in typed
    assert TrailingDelta(10, 2000, 10, 2000) in typed


@pytest.mark.parametrize(
    ("request_", "body", "value"),
    [
        (REFERENCE, {"referencePrice": "10.00", "timestamp": 1_770_736_694_138}, D("10.00")),
        (REFERENCE, {"referencePrice": None, "timestamp": 1_770_736_694_138}, None),
        (REFERENCE, {"referencePrice": "0.00"}, None),
        (
            *(GetAveragePrice("A"), {"mins": 5, "price": "9.35751834", "closeTime": 1}),
            AveragePrice(5, D("9.35751834")),
        ),
        (GetAveragePrice("A"), {"mins": 5, "price": "0.00000000", "closeTime": 0}, None),
        (GetLastPrice("A"), {"symbol": "A", "price": "4.0"}, AveragePrice(0, D("4.0"))),
        (GetLastPrice("A"), {"symbol": "A", "price": "0"}, None),
        (
            GetAccountFilters("A"),
            {
                "exchangeFilters": [
                    {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1000}
                ],
                "symbolFilters": [{"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20}],
                "assetFilters": [
                    {"filterType": "MAX_ASSET", "asset": "JPY", "limit": "1000000.00000000"}
                ],
            },
            (
                OrderCountLimit("EXCHANGE_MAX_NUM_ORDERS", 1000),
                OrderCountLimit("MAX_NUM_ORDER_LISTS", 20),
                MaxAsset("JPY", D("1000000.00000000")),
            ),
        ),
    ],
)
def test_what_orders_are_measured_by(request_: Request[Any], body: object, value: object) -> None:
    """A price of 0 is none."""
    assert decode(request_, json.dumps(body)) == value


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (REFERENCE, {}),
        (REFERENCE, {"referencePrice": 10}),
        (REFERENCE, {"referencePrice": "NaN"}),
        (GetAveragePrice("A"), {"price": "1"}),
        (GetAveragePrice("A"), {"mins": -5, "price": "1"}),
        (GetLastPrice("A"), []),
        (GetAccountFilters("A"), {"exchangeFilters": [], "symbolFilters": []}),
        (
            GetAccountFilters("A"),
            {
                "exchangeFilters": [],
                "symbolFilters": [],
                "assetFilters": [{"filterType": "MAX_ASSET", "asset": "JPY"}],
            },
        ),
    ],
)
def test_what_is_no_such_answer_is_refused(request_: Request[Any], body: object) -> None:
    """Nothing is made up."""
    with pytest.raises(MalformedError):
        decode(request_, json.dumps(body))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"filterType": 1},
        {"filterType": "PRICE_FILTER"},
        {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "NaN", "tickSize": "1"},
        {"filterType": "PRICE_FILTER", "minPrice": 1, "maxPrice": "1", "tickSize": "1"},
        {"filterType": "MIN_NOTIONAL", "minNotional": "1", "applyToMarket": 1},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": True},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": "5"},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": -5},
    ],
)
def test_a_known_filter_must_be_whole(fields: dict[str, Any]) -> None:
    """Half a rule would let orders through that the exchange refuses."""
    with pytest.raises(MalformedError):
        typed_filter(fields)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: type(each).__name__)
def test_a_body_that_is_none_is_refused(request_: Request[Any]) -> None:
    """Whatever is wrong with it."""
    bodies = [
        *(b"", b"[]", b"null", b"1", b"<html>", b"\xff", b'{"a":"\xff"}', b"{", b'{"a":1'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b"{}x"),
        *((b"{}",) if not isinstance(request_, Ping) else ()),
        b'{"serverTime":"1","symbols":1,"lastUpdateId":true,"balances":[{}]',
        b'{"serverTime":-1,"symbols":[],"lastUpdateId":-1,"bids":[],"asks":[],"balances":1}x',
    ]
    for body in bodies:
        with pytest.raises(MalformedError):
            decode(request_, body)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        *(
            (GetServerTime(), f'{{"serverTime":{odd}}}')
            for odd in ("-1", "1.5", '"1"', "true", "1e3")
        ),
        (GetServerTime(), f'{{"serverTime":{10**16}}}'),
        (GetServerTime(), f'{{"serverTime":{"9" * 5000}}}'),
        (GetOrderBook(symbol="A"), '{"lastUpdateId":1,"bids":[["NaN","1"]],"asks":[]}'),
        (GetOrderBook(symbol="A"), '{"lastUpdateId":1,"bids":[[1,2]],"asks":[]}'),
        (GetOrderBook(symbol="A"), '{"lastUpdateId":1,"bids":[]}'),
        (GetBalances(), '{"balances":[{"asset":"A","free":"-1","locked":"0"}]}'),
        (GetBalances(), '{"balances":[{"asset":"A","free":1,"locked":"0"}]}'),
        (GetKeyPermissions(), '{"canTrade":1,"canWithdraw":true,"canDeposit":true}'),
        (GetKeyRestrictions(), '{"ipRestrict":false,"enableReading":true}'),
        (GetExchangeInfo(), '{"serverTime":1,"symbols":[{"symbol":"A"}]}'),
        (GetListing(), '{"symbols":[{"symbol":1}]}'),
        (GetListing(), '{"symbols":[],"rateLimits":[{"limit":true}]}'),
    ],
)
def test_no_field_takes_anything_else(request_: Request[Any], body: str) -> None:
    """Numbers are texts of digits, times and ids are integers."""
    with pytest.raises(MalformedError):
        decode(request_, body)


@given(st.sampled_from(REQUESTS), st.binary(max_size=60))
def test_any_body_is_a_reply_or_refused(request: Request[Any], body: bytes) -> None:
    """Never another error."""
    try:
        decode(request, body)
    except MalformedError as error:
        reason = str(error)
        assert len(reason) < 200
    else:
        assert isinstance(request, Ping)


def test_recorded_bodies_decode(lines: Lines) -> None:
    """Full lists of symbols and snapshots of books, digit by digit."""
    books = 0
    for name in ("cf_20210417_combined_10sym", "cf_20211012_combined_4sym", "hft_20240808_ETHUSDT"):
        for line in lines(f"binance_spot/{name}.jsonl.gz"):
            if line["t"] != "http":
                continue
            body = json.loads(line["raw"])
            if "lastUpdateId" in body:
                book = decode(GetOrderBook(symbol="ETHUSDT"), line["raw"])
                shown = [
                    [[f"{price:f}", f"{size:f}"] for price, size in side]
                    for side in (book.bids, book.asks)
                ]
                assert [book.update_id, *shown] == [
                    body["lastUpdateId"],
                    body["bids"],
                    body["asks"],
                ]
                books += 1
            else:
                info, listing = (
                    decode(GetExchangeInfo(), line["raw"]),
                    decode(GetListing(), line["raw"]),
                )
                assert {each.symbol for each in info.symbols} == listing.symbols
                assert len(info.symbols) == len(body["symbols"])
                assert listing.weight_limit == 1200
                assert all(isinstance(each.status, SymbolStatus) for each in info.symbols)
    assert books == 15


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (GetServerTime(), "Check server time"),
        (GetExchangeInfo(), "Exchange information"),
        (GetListing(), "Exchange information"),
        (GetOrderBook(symbol="LTCBTC"), "Order book"),
        (GetBalances(), "Account information (USER_DATA)"),
        (GetKeyPermissions(), "Account information (USER_DATA)"),
        (Ping(), "Test connectivity"),
    ],
)
def test_documented_bodies_decode(request_: Request[Any], path: str, lines: Lines) -> None:
    """As the page of the REST API shows them."""
    sections = {line["section"]: line["raw"] for line in lines("docs/binance_rest.jsonl")}
    (body,) = (raw for section, raw in sections.items() if section.endswith(f"> {path}"))
    decode(request_, body)
