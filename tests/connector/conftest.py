"""A connector on a simulated exchange, over real sockets."""

from __future__ import annotations

import dataclasses
import gc
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import pykka
import pytest

from exchange_connector import (
    Config,
    ConnectorActor,
    EventBatch,
    GetHealth,
    OrderBook,
    StreamGap,
    SubscriberActor,
    ask,
)
from exchange_connector.actors.trading import orders, ways
from exchange_connector.core import snapshot_pace
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

E = TypeVar("E")
PATIENCE = 10.0


@dataclass(frozen=True)
class Interface:
    """What a test of orders has to know of an exchange's interface.

    Attributes:
        place: What carries an order, to a fault: while the account's session is up, and `alone`.
        cancel: The same of a cancellation.
        question: What asks for one order.
        rules: What asks for a symbol's rules.
        events: The frames that tell of the account.
        poor: The code of a refusal of what costs too much.
        most: How many orders there may be at once, in a test.
    """

    place: dict[str, str]
    cancel: dict[str, str]
    question: str
    rules: str
    events: str
    poor: int
    most: int


INTERFACES = {
    "binance": Interface(
        {"session": "order.place", "alone": "POST /api/v3/order"},
        {"session": "order.cancel", "alone": "DELETE /api/v3/order"},
        "GET /api/v3/order",
        "/api/v3/exchangeInfo",
        "userData@*",
        -2010,
        300,
    ),
    "bybit": Interface(
        dict.fromkeys(("session", "alone"), "POST /v5/order/create"),
        dict.fromkeys(("session", "alone"), "POST /v5/order/cancel"),
        "GET /v5/order/*",
        "/v5/market/instruments-info",
        "private/*",
        170131,
        60,
    ),
}


@pytest.fixture
def interface(exchange: SimulatedExchange) -> Interface:
    """That of the exchange."""
    return INTERFACES[exchange.name]


class Recorder:
    """A subscriber that keeps what it gets, and can be waited for."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self._changed = threading.Condition()

    def __call__(self, event: Any) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, kind: type[E]) -> list[E]:
        """What came of one kind."""
        with self._changed:
            return [event for event in self.events if isinstance(event, kind)]

    def wait(self, predicate: Callable[[list[Any]], bool], seconds: float = PATIENCE) -> None:
        """Wait until the events satisfy `predicate`."""
        with self._changed:
            satisfied = self._changed.wait_for(lambda: predicate(self.events), seconds)
        assert satisfied, f"waited {seconds} s in vain; got {self.events[-5:]}"

    def wait_for(self, kind: type[E], count: int = 1, seconds: float = PATIENCE) -> list[E]:
        """Wait for so many events of a kind; all of them."""
        self.wait(lambda events: sum(isinstance(e, kind) for e in events) >= count, seconds)
        return self.of(kind)

    def wait_for_a_fresh_book(self, count: int = 3) -> None:
        """Wait for so many books behind the last gap; there is one."""

        def is_back(events: list[Any]) -> bool:
            last = [type(event) for event in events[-count:]]
            has_gap = any(isinstance(event, StreamGap) for event in events)
            return has_gap and OrderBook in last and StreamGap not in last

        self.wait(is_back)

    @property
    def gaps(self) -> list[str]:
        """The reasons of the gaps that were told."""
        return [gap.reason for gap in self.of(StreamGap)]


@pytest.fixture
def until() -> Callable[[Any, Callable[[Any], object]], Any]:
    """Asks for a connector's health until something is so."""

    def ask_until(ref: Any, condition: Callable[[Any], object]) -> Any:
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while not condition(health := ask(ref, GetHealth())):
            assert time.monotonic() < deadline, health
            pause.wait(0.005)
        return health

    return ask_until


@pytest.fixture
def recorder() -> Recorder:
    """A subscriber that keeps what it gets."""
    return Recorder()


@pytest.fixture
def record() -> type[Recorder]:
    """Makes more such subscribers."""
    return Recorder


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange whose seeded market trades twenty times a second."""
    with SimulatedExchange(rate=20.0) as exchange:
        yield exchange


@pytest.fixture
def configured() -> Callable[..., Config]:
    """Makes a configuration for an exchange, quick to reconnect."""
    return configure


def configure(
    exchange: SimulatedExchange,
    *,
    key: bool = True,
    exchange_key: Any = None,
    market: str = "spot",
    **tables: Any,
) -> Config:
    """A configuration for an exchange; `tables` change single fields."""
    owner = exchange_key or exchange
    connection: dict[str, Any] = {
        "timeout": 3.0,
        "reconnect_delay": 0.02,
        "max_reconnect_wait": 0.2,
        "stop_timeout": 5.0,
    } | tables.get("connection", {})
    builder = (
        Config.builder()
        .exchange(
            exchange.name,
            owner.api_key if key else "",
            owner.api_secret if key else "",
            market=market,
            rest_url=exchange.rest_url,
            stream_url=exchange.stream_url,
            ws_api_url=exchange.ws_api_url,
        )
        .connection(**connection)
    )
    for table, fields in tables.items():
        if table != "connection":
            builder = getattr(builder, table)(**fields)
    return builder.build()


@pytest.fixture
def start() -> Iterator[Callable[..., Any]]:
    """Starts connectors, waits until they are ready, and stops them in the end."""
    refs: list[Any] = []

    def started(
        exchange: SimulatedExchange,
        *,
        ready: bool = True,
        actor: type[ConnectorActor] = ConnectorActor,
        **tables: Any,
    ) -> Any:
        ref = actor.start(configure(exchange, **tables))
        refs.append(ref)
        if ready:
            ref.proxy().ready().get(timeout=PATIENCE)
        return ref

    yield started
    for ref in refs:
        ref.stop(timeout=PATIENCE)


@pytest.fixture
def few_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that allows three streams on one session."""
    driver = DRIVERS["binance", "spot"]
    limits = dataclasses.replace(driver.limits, streams=3)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), dataclasses.replace(driver, limits=limits))


@pytest.fixture
def quick_books(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost book comes back within tenths of a second instead of seconds."""
    monkeypatch.setattr(snapshot_pace, "PACE", 0.1)


@pytest.fixture
def true_books() -> Callable[[SimulatedExchange, list[Any], int], None]:
    """Checks that each book is the exchange's own at its update id, and that they come in order."""

    def check(exchange: SimulatedExchange, events: list[Any], depth: int) -> None:
        last = 0
        for event in events:
            if isinstance(event, OrderBook):
                assert event.update_id > last
                last = event.update_id
                own = exchange.book(event.symbol, last)
                for side, true in ((event.bids, own.bids), (event.asks, own.asks)):
                    expected = tuple(
                        (Decimal(price), Decimal(much)) for price, much in true[:depth]
                    )
                    assert tuple(side) == expected, last
            elif isinstance(event, StreamGap):
                last -= 1  # a fresh book may be the last one, where nothing has happened
        assert last > 0, "there is no book"

    return check


@pytest.fixture
def quick_fates(monkeypatch: pytest.MonkeyPatch) -> float:
    """An exchange's own deadlines are short; how long one who places an order waits at most."""
    monkeypatch.setattr(ways, "DEADLINE", 1.0)
    monkeypatch.setattr(orders, "HORIZON", 1.0)
    return 3.0 + 2.0  # `timeout` of `configure`, and two more


@pytest.fixture(autouse=True)
def leaves_no_thread() -> Iterator[None]:
    """A test that leaves a thread behind fails."""
    before = set(threading.enumerate())
    yield
    gc.collect()
    deadline = time.monotonic() + 5.0
    while left := [t for t in threading.enumerate() if t not in before and not _is_idle_worker(t)]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads left behind: {left}")
        left[0].join(0.1)


def _is_idle_worker(thread: threading.Thread) -> bool:
    return not thread.is_alive()


class Plain(pykka.ThreadingActor):
    """Gets events as messages."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take

    def on_receive(self, message: Any) -> None:
        """Take one."""
        self._take(message)


class Quick(SubscriberActor):
    """Gets events from its feed."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take

    def on_event(self, event: Any) -> None:
        """Take one."""
        self._take(event)


@pytest.fixture
def kind() -> Iterator[Callable[[str, Callable[[Any], object]], tuple[Any, dict[str, Any]]]]:
    """Makes a subscriber of a kind, and the arguments of its subscription."""
    actors: list[pykka.ActorRef[Any]] = []

    def make(name: str, take: Callable[[Any], object]) -> tuple[Any, dict[str, Any]]:
        def take_batch(message: Any) -> None:
            assert isinstance(message, EventBatch)
            for event in message.events:
                take(event)

        if "actor" in name:
            made: Any = Plain if name == "actor" else Quick
            actors.append(made.start(take))
            return actors[-1], {}
        more: dict[str, Any] = {"delivery": "inline"} if "inline" in name else {}
        if "batch" in name:
            return take_batch, more | {"batch": True}
        return take, more

    yield make
    for actor in actors:
        actor.stop(timeout=5)
