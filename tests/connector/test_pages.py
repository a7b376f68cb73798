"""An answer that comes page by page: several requests, one reply.

The simulated exchange's order book serves: a book of 5 levels leads to one of 10, and that to 20.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    ExchangeConnectionError,
    ExchangeError,
    GetHealth,
    NotRunningError,
    OrderBook,
    ProtocolError,
    ask,
)
from exchange_connector.messages.base import Request
from exchange_connector.messages.requests import GetBalances, GetOrderBook
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.driver import Endpoint, MalformedError, Page

DEPTH = "/api/v3/depth"
Following = Callable[[int], int | None]
Endpoints = dict[type[Request[Any]], Endpoint]


@pytest.fixture
def paged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has a book of so many levels lead to one of another number, or be the last of an answer."""

    def lead(following: Following, join: Callable[[list[Any]], Any] = tuple) -> None:
        driver = DRIVERS["binance", "spot"]
        endpoint = driver.endpoints[GetOrderBook]

        def decode(body: bytes, request: Any, received: int) -> Any:
            book: OrderBook = endpoint.decode(body, request, received)
            limit = following(len(book.bids))
            return book if limit is None else Page(book, (("limit", str(limit)),), join)

        replaced = dataclasses.replace(endpoint, decode=decode)
        endpoints: Endpoints = {**driver.endpoints, GetOrderBook: replaced}
        other = dataclasses.replace(driver, endpoints=endpoints)
        monkeypatch.setitem(DRIVERS, ("binance", "spot"), other)

    return lead


def twice(levels: int) -> int | None:
    return 2 * levels if levels < 20 else None


def asked(exchange: SimulatedExchange) -> list[dict[str, str]]:
    return [each.query for each in exchange.requests if each.path == DEPTH]


def test_an_answer_of_three_pages(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """Each a request of its own, for the breaker and for the limits; joined in their order."""
    paged(twice)
    ref = start(exchange)
    connector = ref.proxy()
    before = connector.circuit_breaker_stats().get(timeout=5).total_successes
    books: Any = connector.order_book("BTCUSDT", 5).get(timeout=5)
    assert [len(book.bids) for book in books] == [5, 10, 20]
    assert [list(query.items()) for query in asked(exchange)] == [
        [("symbol", "BTCUSDT"), ("limit", str(limit))] for limit in (5, 10, 20)
    ]
    assert connector.circuit_breaker_stats().get(timeout=5).total_successes >= before + 3
    assert ask(ref, GetHealth()).weight_used >= 15


def test_an_answer_of_one_page(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """Is the reply itself; nothing is joined."""
    paged(twice)
    book: Any = start(exchange).proxy().order_book("BTCUSDT", 20).get(timeout=5)
    assert isinstance(book, OrderBook)
    assert len(asked(exchange)) == 1


def test_many_such_calls_at_a_time(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """More than there are places: each page waits for its turn, and no call for another."""
    paged(twice)
    connector = start(exchange, connection={"max_concurrent_requests": 2}).proxy()
    futures = [connector.order_book("BTCUSDT", 5) for _ in range(20)]
    for future in futures:
        assert [len(book.bids) for book in future.get(timeout=10)] == [5, 10, 20]


def test_a_page_that_leads_to_itself(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """Is noticed at once."""
    paged(lambda _: 10)
    with pytest.raises(ProtocolError, match="leads to itself") as caught:
        start(exchange).proxy().order_book("BTCUSDT", 5).get(timeout=5)
    assert caught.value.exchange == "binance"
    assert len(asked(exchange)) == 2


def test_pages_without_an_end(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """A hundred are enough."""
    paged(lambda levels: 15 - levels)
    with pytest.raises(ProtocolError, match="more than 100 pages"):
        start(exchange).proxy().order_book("BTCUSDT", 5).get(timeout=20)
    assert len(asked(exchange)) == 100


def test_the_deadline_is_the_calls(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """However quick each page may be; and the late one was given too little time to be blamed."""
    paged(lambda levels: 15 - levels)
    connector = start(exchange, connection={"timeout": 1.0}).proxy()
    exchange.delay(DEPTH, 0.4)
    began = time.monotonic()
    with pytest.raises(ExchangeConnectionError, match=r"no answer within 1 s"):
        connector.order_book("BTCUSDT", 5).get(timeout=5)
    assert 0.9 < time.monotonic() - began < 1.6
    assert len(asked(exchange)) == 3
    assert connector.circuit_breaker_stats().get(timeout=5).total_failures == 0


def test_a_page_that_waits_until_the_deadline(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """In its lane it is no failure of the exchange's, however long the page before has taken."""
    paged(twice)
    connection = {"timeout": 1.0, "max_concurrent_requests": 1}
    connector = start(exchange, connection=connection).proxy()
    exchange.delay(DEPTH, 0.6)
    paging, other = (connector.order_book("BTCUSDT", depth) for depth in (5, 20))
    with pytest.raises(ExchangeConnectionError, match="in its lane"):
        paging.get(timeout=5)
    with pytest.raises(ExchangeConnectionError, match="under way"):
        other.get(timeout=5)
    assert connector.circuit_breaker_stats().get(timeout=5).total_failures == 0


def test_a_page_that_is_refused(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """Nobody gets half an answer."""
    paged(twice)
    connector = start(exchange).proxy()
    exchange.delay(DEPTH, 0.5)
    future = connector.order_book("BTCUSDT", 5)
    assert exchange.wait_until(lambda e: len(asked(e)) == 1)
    exchange.answer(DEPTH, status=500, body="{}", count=1)
    with pytest.raises(ExchangeError) as caught:
        future.get(timeout=5)
    assert caught.value.http_status == 500
    assert connector.circuit_breaker_stats().get(timeout=5).total_failures == 1


def test_pages_that_cannot_be_joined(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """As an answer that cannot be read."""

    def join(_: list[Any]) -> Any:
        raise MalformedError("one symbol twice")

    paged(twice, join)
    with pytest.raises(ExchangeError, match="cannot be read: one symbol twice"):
        start(exchange).proxy().order_book("BTCUSDT", 5).get(timeout=5)


def test_a_stop_between_pages(
    exchange: SimulatedExchange, start: Callable[..., Any], paged: Callable[..., None]
) -> None:
    """Is answered like any other."""
    paged(lambda levels: 15 - levels)
    ref = start(exchange)
    exchange.delay(DEPTH, 0.2)
    future = ref.proxy().order_book("BTCUSDT", 5)
    assert exchange.wait_until(lambda e: len(asked(e)) >= 2)
    ref.stop(timeout=10)
    with pytest.raises(NotRunningError):
        future.get(timeout=5)


def test_signed_pages(
    exchange: SimulatedExchange, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is signed when it leaves, with what it says besides."""
    driver = DRIVERS["binance", "spot"]
    endpoint = driver.endpoints[GetBalances]
    turns: list[int] = []

    def decode(body: bytes, request: Any, received: int) -> Any:
        balances = endpoint.decode(body, request, received)
        turns.append(len(balances))
        more = (("recvWindow", "4000"),)
        return Page(balances, more, lambda parts: sum(parts, ())) if len(turns) == 1 else balances

    replaced = dataclasses.replace(endpoint, decode=decode)
    endpoints: Endpoints = {**driver.endpoints, GetBalances: replaced}
    other = dataclasses.replace(driver, endpoints=endpoints)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), other)
    balances = start(exchange).proxy().balances().get(timeout=5)
    assert len(balances) == sum(turns) > 0
    queries = [each.query for each in exchange.requests if each.path == "/api/v3/account"]
    assert [query.get("recvWindow") for query in queries][-1] == "4000"
    assert len({query["signature"] for query in queries}) == 2


def test_each_page_may_be_signed_anew(
    exchange: SimulatedExchange, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exchange's clock steps before the first page, and once more before the second."""
    driver = DRIVERS["binance", "spot"]
    endpoint = driver.endpoints[GetBalances]
    turns: list[int] = []

    def decode(body: bytes, request: Any, received: int) -> Any:
        balances = endpoint.decode(body, request, received)
        turns.append(len(balances))
        if len(turns) == 2:
            return balances
        exchange.skew_clock(-30.0)
        return Page(balances, (("recvWindow", "4000"),), lambda parts: sum(parts, ()))

    replaced = dataclasses.replace(endpoint, decode=decode)
    endpoints: Endpoints = {**driver.endpoints, GetBalances: replaced}
    other = dataclasses.replace(driver, endpoints=endpoints)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), other)
    connector = start(exchange).proxy()
    exchange.skew_clock(30.0)
    balances = connector.balances().get(timeout=10)
    assert len(balances) == sum(turns) > 0
    statuses = [each.status for each in exchange.requests if each.path == "/api/v3/account"]
    assert statuses == [400, 200, 400, 200]
