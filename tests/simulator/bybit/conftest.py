"""An exchange with Bybit's interface, and a plain client of its sockets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.bybit.signing import sign

CATEGORIES = ("spot", "linear")
SYMBOL = "BTCUSDT"
Frame = dict[str, Any]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A lively one that remembers what it has told."""
    with SimulatedExchange(exchange="bybit", seed=7, rate=50.0, keep_published=20_000) as running:
        yield running


@pytest.fixture
def held() -> Iterator[SimulatedExchange]:
    """One whose market stands still, forty seconds into a minute."""
    exchange = SimulatedExchange(
        exchange="bybit", seed=7, rate=10.0, keep_published=20_000, start_time=1_786_310_860.0
    )
    exchange.hold()
    with exchange:
        yield exchange


class Client:
    """A websocket whose messages are read one by one."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    def send(self, op: str, *args: Any, req_id: str | None = None) -> None:
        """Send a message."""
        named = {} if req_id is None else {"req_id": req_id}
        self.socket.send(json.dumps({"op": op, "args": list(args), **named}))

    def next(self) -> Frame:
        """The next message."""
        message: Frame = json.loads(self.socket.recv())
        return message

    def answer(self) -> Frame:
        """The next message that is no data."""
        while "op" not in (message := self.next()):
            pass
        return message

    def ask(self, op: str, *args: Any, req_id: str | None = None) -> Frame:
        """Send a message; its answer, passing over data."""
        self.send(op, *args, req_id=req_id)
        return self.answer()

    def frames(self, topic: str, count: int) -> list[Frame]:
        """The next frames of a topic."""
        found: list[Frame] = []
        while len(found) < count:
            message = self.next()
            if message.get("topic") == topic:
                found.append(message)
        return found


@pytest.fixture
def client(dial: Any) -> Callable[[SimulatedExchange, str], Client]:
    """A client of a category, or of the private socket."""

    def client(exchange: SimulatedExchange, category: str) -> Client:
        path = "private" if category.startswith("private") else f"public/{category}"
        return Client(dial(f"{exchange.stream_url}/v5/{path}"))

    return client


class Book:
    """A book that is kept as the documentation has it."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[str, str]] = {"b": {}, "a": {}}
        self.u = 0

    def take(self, frame: Frame) -> None:
        """Take a frame; deltas have to follow on each other."""
        data = frame["data"]
        if frame["type"] == "snapshot":
            self.sides = {"b": dict(data["b"]), "a": dict(data["a"])}
        else:
            assert data["u"] == self.u + 1
            for side in ("b", "a"):
                for price, size in data[side]:
                    if size == "0":
                        del self.sides[side][price]  # never one that was not told before
                    else:
                        self.sides[side][price] = size
        self.u = data["u"]

    def agrees(self, truth: Any) -> bool:
        """Whether it is that view, digit by digit."""
        bids = sorted(self.sides["b"].items(), key=lambda level: -Decimal(level[0]))
        asks = sorted(self.sides["a"].items(), key=lambda level: Decimal(level[0]))
        return (self.u, tuple(bids), tuple(asks)) == (truth.update_id, truth.bids, truth.asks)


@pytest.fixture
def book() -> type[Book]:
    """A book to be kept."""
    return Book


@pytest.fixture
def get() -> Callable[..., Any]:
    """A GET: its decoded answer."""

    def get(exchange: SimulatedExchange, path: str, **query: Any) -> Any:
        answer = requests.get(f"{exchange.rest_url}/v5/{path}", params=query, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.fixture
def signed() -> Callable[..., requests.Response]:
    """A GET with a signature; `headers` replaces or, by None, leaves out some of its own."""

    def signed(
        exchange: SimulatedExchange,
        path: str,
        query: str = "",
        *,
        late_ms: int = 0,
        headers: dict[str, str | None] | None = None,
    ) -> requests.Response:
        timestamp = str(time.time_ns() // 1_000_000 - late_ms)
        text = f"{timestamp}{exchange.api_key}5000{query}"
        own: dict[str, str | None] = {
            "X-BAPI-API-KEY": exchange.api_key,
            "X-BAPI-TIMESTAMP": timestamp,
            "X-BAPI-RECV-WINDOW": "5000",
            "X-BAPI-SIGN": sign(exchange.api_secret, text),
        }
        sent = {name: value for name, value in (own | (headers or {})).items() if value is not None}
        url = f"{exchange.rest_url}/v5/{path}" + (f"?{query}" if query else "")
        return requests.get(url, headers=sent, timeout=5)

    return signed


class Trader:
    """A client of one account, by REST and on the private socket.

    Attributes:
        heard: Messages of topics that nobody has asked for yet.
    """

    def __init__(
        self, exchange: SimulatedExchange, api_key: str, secret: str, connect: Callable[[], Client]
    ) -> None:
        self.exchange = exchange
        self.api_key = api_key
        self.heard: list[Frame] = []
        self._secret = secret
        self._connect = connect
        self._socket: Client | None = None

    def now(self) -> int:
        """What the exchange's clock shows, in milliseconds."""
        return self.exchange._box.clock.milliseconds()

    def post(self, path: str, body: str | Frame, window: str = "5000") -> requests.Response:
        """A signed POST: the response."""
        text = body if isinstance(body, str) else json.dumps(body)
        headers = self._headers(text, window) | {"Content-Type": "application/json"}
        url = f"{self.exchange.rest_url}/v5/{path}"
        return requests.post(url, data=text.encode(), headers=headers, timeout=5)

    def get(self, path: str, query: str) -> Frame:
        """A signed GET: the answer."""
        url = f"{self.exchange.rest_url}/v5/{path}?{query}"
        answer: Frame = requests.get(url, headers=self._headers(query, "5000"), timeout=5).json()
        return answer

    def rows(self, path: str, query: str = "category=spot") -> list[Frame]:
        """The rows of a signed GET that is not refused."""
        answer = self.get(path, query)
        assert answer["retCode"] == 0, answer
        rows: list[Frame] = answer["result"]["list"]
        return rows

    def order(self, **changed: Any) -> Frame:
        """Place an order: the answer. A purchase of 0.001 BTC at 60,000 unless it is changed."""
        usual = {
            "category": "spot",
            "symbol": SYMBOL,
            "side": "Buy",
            "orderType": "Limit",
            "qty": "0.001",
            "price": "60000",
        }
        body = {name: value for name, value in (usual | changed).items() if value is not None}
        answer: Frame = self.post("order/create", body).json()
        return answer

    def placed(self, **changed: Any) -> str:
        """Place an order that is accepted: its id."""
        answer = self.order(**changed)
        assert answer["retCode"] == 0, answer
        return str(answer["result"]["orderId"])

    def cancel(self, **named: Any) -> Frame:
        """Cancel an order: the answer."""
        body = {"category": "spot", "symbol": SYMBOL, **named}
        answer: Frame = self.post("order/cancel", body).json()
        return answer

    def state(self, order_id: str) -> Frame:
        """An order as the exchange tells it now."""
        (row,) = self.rows("order/realtime", f"category=spot&orderId={order_id}")
        return row

    def listen(self, *topics: str) -> None:
        """Subscribe to topics of the account, by a new connection if there is none."""
        if self._socket is None:
            self._socket = self._connect()
            expires = self.now() + 5_000
            signature = sign(self._secret, f"GET/realtime{expires}")
            assert self._socket.ask("auth", self.api_key, expires, signature)["success"]
        answer = self._socket.ask("subscribe", *topics)
        assert answer["success"], answer

    def leave(self) -> None:
        """Speak by another connection from now on."""
        self._socket = None

    def told(self, count: int) -> list[Frame]:
        """The next messages of any topic, so many and no more so far."""
        assert self._socket is not None
        while len(self.heard) < count:
            self.heard.append(self._socket.next())
        self._quiet()
        assert len(self.heard) == count, [one["topic"] for one in self.heard]
        told, self.heard = self.heard, []
        return told

    def _quiet(self) -> None:
        """Hear everything that was sent before now, which the answer to a ping comes after."""
        assert self._socket is not None
        self._socket.send("ping")
        while "op" not in (message := self._socket.next()):
            self.heard.append(message)

    def _headers(self, text: str, window: str) -> dict[str, str]:
        timestamp = str(self.now())
        return {
            "X-BAPI-API-KEY": self.api_key,
            "X-BAPI-TIMESTAMP": timestamp,
            "X-BAPI-RECV-WINDOW": window,
            "X-BAPI-SIGN": sign(self._secret, f"{timestamp}{self.api_key}{window}{text}"),
        }


@pytest.fixture
def still() -> Iterator[SimulatedExchange]:
    """One whose market stands still from the start on; an account may ask as often as it likes."""
    exchange = SimulatedExchange(
        exchange="bybit", seed=7, keep_published=20_000, uid_limit=1_000, max_weight=10_000
    )
    exchange.hold()
    with exchange:
        yield exchange


@pytest.fixture
def trader_of(client: Callable[..., Client]) -> Callable[[SimulatedExchange], Trader]:
    """A client of an exchange's account to try."""

    def trader_of(exchange: SimulatedExchange) -> Trader:
        secret = exchange.api_secret
        return Trader(exchange, exchange.api_key, secret, lambda: client(exchange, "private"))

    return trader_of


@pytest.fixture
def trader(still: SimulatedExchange, trader_of: Callable[[SimulatedExchange], Trader]) -> Trader:
    """Of the account to try."""
    return trader_of(still)


@pytest.fixture
def open_account(still: SimulatedExchange, client: Callable[..., Client]) -> Callable[..., Trader]:
    """Opens an account; arguments as of `add_account`."""

    def open_account(**options: Any) -> Trader:
        key = still.add_account(**options)
        return Trader(still, key.api_key, key.api_secret, lambda: client(still, "private"))

    return open_account


@pytest.fixture
def price(still: SimulatedExchange) -> Callable[..., str]:
    """The best price of a side (`bid`, `ask`) as text, so many dollars away from it."""

    def price(side: str, dollars: str = "0") -> str:
        book = still.book(SYMBOL, category="spot")
        best = book.bids[0] if side == "bid" else book.asks[0]
        return str(Decimal(best[0]) + Decimal(dollars))

    return price


@pytest.fixture
def market_until(still: SimulatedExchange) -> Callable[[Callable[[], bool]], None]:
    """Lets the market make steps until something holds."""

    def market_until(holds: Callable[[], bool]) -> None:
        for _ in range(2_000):
            if holds():
                return
            still.advance()
        pytest.fail("the market did not come to that in 2,000 steps")

    return market_until
