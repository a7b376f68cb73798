"""The private socket: authentication, topics, pings."""

from __future__ import annotations

import time
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.bybit.signing import sign


def authenticated(exchange: SimulatedExchange, one: Any, **changed: Any) -> Any:
    """Ask for it, with something changed; the answer."""
    expires = changed.get("expires", time.time_ns() // 1_000_000 + 1_000)
    secret = changed.get("secret", exchange.api_secret)
    key = changed.get("key", exchange.api_key)
    return one.ask("auth", key, expires, sign(secret, f"GET/realtime{expires}"))


def test_authentication_and_topics(exchange: SimulatedExchange, client: Any) -> None:
    """Each topic of the account is accepted."""
    one = client(exchange, "private")
    answer = authenticated(exchange, one)
    assert list(answer) == ["success", "ret_msg", "op", "conn_id"]
    assert (answer["success"], answer["ret_msg"], answer["op"]) == (True, "", "auth")
    answer = one.ask("subscribe", "wallet", "order", "execution", req_id="5")
    assert list(answer) == ["success", "ret_msg", "op", "conn_id", "req_id"]
    assert answer["success"]
    assert one.ask("unsubscribe", "order")["success"]
    pong = one.ask("ping", req_id="test")
    assert list(pong) == ["req_id", "op", "args", "conn_id"]
    assert pong["op"] == "pong"
    assert abs(int(pong["args"][0]) - time.time() * 1_000) < 5_000
    assert list(one.ask("ping")) == ["op", "args", "conn_id"]


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "nobody"},
        {"secret": "another"},
        {"expires": 1_700_000_000_000},
        {"expires": "soon"},
        {"expires": ""},
    ],
)
def test_a_wrong_authentication(
    exchange: SimulatedExchange, client: Any, changed: dict[str, Any]
) -> None:
    """It is refused, and no topic is to be had."""
    one = client(exchange, "private")
    answer = authenticated(exchange, one, **changed)
    assert not answer["success"]
    assert answer["ret_msg"]
    assert not one.ask("subscribe", "wallet")["success"]


def test_no_topic_without_it(exchange: SimulatedExchange, client: Any) -> None:
    """And public topics are not here at all."""
    one = client(exchange, "private")
    answer = one.ask("subscribe", "wallet")
    assert (answer["success"], answer["ret_msg"]) == (False, "Request not authorized")
    authenticated(exchange, one)
    answer = one.ask("subscribe", "publicTrade.BTCUSDT")
    assert answer["ret_msg"] == "error:handler not found,topic:publicTrade.BTCUSDT"


def test_public_sockets_take_no_key(exchange: SimulatedExchange, client: Any) -> None:
    """There is nothing to prove there."""
    assert not authenticated(exchange, client(exchange, "spot"))["success"]


def test_the_clock_decides(exchange: SimulatedExchange, client: Any) -> None:
    """By the exchange's own, a client that is late has no time left."""
    exchange.skew_clock(10)
    assert not authenticated(exchange, client(exchange, "private"))["success"]


def test_what_proves_who_somebody_is_stands_nowhere(
    exchange: SimulatedExchange, client: Any
) -> None:
    """The journal knows of the message only."""
    authenticated(exchange, client(exchange, "private"))
    (control,) = exchange.controls
    assert (control.method, control.params) == ("auth", [])
