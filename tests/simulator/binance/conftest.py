"""A client that signs: by REST and by the websocket API, with a key of any kind."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

Parameters = dict[str, Any]
Sign = Callable[[str], str]


class Client:
    """A plain client of one account.

    Attributes:
        events: What came by the websocket beside answers.
    """

    def __init__(self, exchange: SimulatedExchange, api_key: str, sign: Sign, dial: Any) -> None:
        self.exchange = exchange
        self.api_key = api_key
        self.sign = sign
        self.events: list[Any] = []
        self._dial = dial
        self._socket: Any = None
        self._id = 0

    @property
    def socket(self) -> Any:
        """The websocket, dialled when it is first needed."""
        if self._socket is None:
            self._socket = self._dial(f"{self.exchange.ws_api_url}/ws-api/v3")
        return self._socket

    def rest(self, verb: str, path: str, *, body: bool = False, **parameters: Any) -> Any:
        """Ask by REST: the response. With `body` all parameters are in that."""
        text = urlencode({**parameters, "timestamp": self.now()})
        text += f"&signature={quote(self.sign(text), safe='')}"
        url = f"{self.exchange.rest_url}/api/v3/{path}"
        headers = {"X-MBX-APIKEY": self.api_key}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return requests.request(verb, url, data=text, headers=headers, timeout=5)
        return requests.request(verb, f"{url}?{text}", headers=headers, timeout=5)

    def order(self, **parameters: Any) -> Any:
        """Place an order by REST: the response. `BTCUSDT`, GTC if it has a price."""
        usual: Parameters = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT"}
        if parameters.get("type", "LIMIT").endswith("LIMIT"):
            usual["timeInForce"] = "GTC"
        return self.rest("POST", "order", **(usual | parameters))

    def signed(self, **parameters: Any) -> Parameters:
        """The parameters of a request of the websocket API, signed."""
        full = {**parameters, "apiKey": self.api_key, "timestamp": self.now()}
        text = "&".join(f"{name}={full[name]}" for name in sorted(full))
        return full | {"signature": self.sign(text)}

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask by the websocket API, signed: the answer."""
        return self.tell(method, self.signed(**parameters))

    def tell(self, method: str, parameters: Parameters) -> Any:
        """Ask by the websocket API with just these parameters: the answer."""
        number = self.send(method, parameters)
        while (message := json.loads(self.socket.recv())).get("id") != number:
            self.events.append(message)
        return message

    def send(self, method: str, parameters: Parameters) -> int:
        """Send a request of the websocket API, and leave it at that: its id."""
        self._id += 1
        self.socket.send(json.dumps({"id": self._id, "method": method, "params": parameters}))
        return self._id

    def listen(self) -> int:
        """Subscribe to the account's own events: the subscription's id."""
        answer = self.call("userDataStream.subscribe.signature")
        return int(answer["result"]["subscriptionId"])

    def heard(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """The events so far and those that come, until they are enough; none is left."""
        while not enough([one["event"] for one in self.events]):
            self.events.append(json.loads(self.socket.recv()))
        events, self.events = self.events, []
        return [one["event"] for one in events]

    def now(self) -> int:
        """What the exchange's clock shows."""
        return self.exchange._box.clock.milliseconds()


def by_secret(secret: str) -> Sign:
    """How an HMAC key signs."""

    def sign(text: str) -> str:
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    return sign


def by_pem(kind: str, pem: str) -> Sign:
    """How an Ed25519 or an RSA key signs."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    private: Any = serialization.load_pem_private_key(pem.encode(), None)

    def sign(text: str) -> str:
        more = () if kind == "ED25519" else (padding.PKCS1v15(), hashes.SHA256())
        return b64encode(private.sign(text.encode(), *more)).decode()

    return sign


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A market that stands still, ten seconds into a minute."""
    with SimulatedExchange(seed=7) as running:
        running.skew_clock(10 - time.time() % 60)
        running.hold()
        yield running


@pytest.fixture
def client_of(dial: Any) -> Callable[[SimulatedExchange], Client]:
    """A client of an exchange's account to try."""

    def client_of(exchange: SimulatedExchange) -> Client:
        return Client(exchange, exchange.api_key, by_secret(exchange.api_secret), dial)

    return client_of


@pytest.fixture
def client(exchange: SimulatedExchange, client_of: Callable[[SimulatedExchange], Client]) -> Client:
    """Of the account to try."""
    return client_of(exchange)


@pytest.fixture
def open_account(exchange: SimulatedExchange, dial: Any) -> Callable[..., Client]:
    """Opens an account; arguments as of `add_account`."""

    def open_account(key_type: Any = "HMAC", **options: Any) -> Client:
        key = exchange.add_account(key_type, **options)
        sign = (
            by_secret(key.api_secret) if key_type == "HMAC" else by_pem(key_type, key.private_key)
        )
        return Client(exchange, key.api_key, sign, dial)

    return open_account


@pytest.fixture
def price(exchange: SimulatedExchange) -> Callable[..., str]:
    """The best price of a side (`bid`, `ask`) as text, so many dollars away from it."""

    def price(side: str, dollars: str = "0") -> str:
        book = exchange.book("BTCUSDT")
        best = book.bids[0] if side == "bid" else book.asks[0]
        return str((Decimal(best[0]) + Decimal(dollars)).quantize(Decimal("0.01")))

    return price
