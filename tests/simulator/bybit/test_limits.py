"""Limits of an address and of an account."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.bybit.sockets import alive
from exchange_connector.simulator.faults import Freeze


def status(exchange: SimulatedExchange) -> int:
    """Of one more request."""
    return requests.get(f"{exchange.rest_url}/v5/market/time", timeout=5).status_code


def test_requests_of_an_address() -> None:
    """So many in five seconds; one more is refused with 403, and so is every other for long."""
    with SimulatedExchange(exchange="bybit", max_weight=20) as exchange:
        assert [status(exchange) for _ in range(20)] == [200] * 20
        answer = requests.get(f"{exchange.rest_url}/v5/market/time", timeout=5)
        assert (answer.status_code, answer.text) == (403, "access too frequent")
        assert "Retry-After" not in answer.headers
        assert exchange.used_weight == exchange.peak_weight == 21
        exchange.step_clock(599)
        assert status(exchange) == 403


def test_a_ban_ends() -> None:
    """After ten minutes of the exchange's clock, if there are few requests then."""
    with SimulatedExchange(exchange="bybit", max_weight=1) as exchange:
        exchange.ban(600)
        assert status(exchange) == 403
        exchange.step_clock(601)
        deadline = time.monotonic() + 10
        while exchange.used_weight:
            assert time.monotonic() < deadline
            exchange.wait_until(lambda seen: not seen.used_weight, timeout=1.0)
        assert status(exchange) == 200


def test_requests_of_an_account(exchange: SimulatedExchange, signed: Any) -> None:
    """Headers tell the limit of the endpoint, what is left, and when it is whole again."""
    answer = signed(exchange, "account/info")
    assert answer.headers["X-Bapi-Limit"] == "50"
    assert answer.headers["X-Bapi-Limit-Status"] == "49"
    assert int(answer.headers["X-Bapi-Limit-Reset-Timestamp"]) <= answer.json()["time"]
    assert signed(exchange, "user/query-api").headers["X-Bapi-Limit"] == "10"
    public = requests.get(f"{exchange.rest_url}/v5/market/time", timeout=5)
    assert "X-Bapi-Limit" not in public.headers


def test_too_many_visits(signed: Any) -> None:
    """10006, for the rest of the second, and for that endpoint alone."""
    with SimulatedExchange(exchange="bybit", uid_limit=2) as exchange:
        answers = [signed(exchange, "account/info") for _ in range(3)]
        assert [answer.json()["retCode"] for answer in answers] == [0, 0, 10006]
        assert [answer.headers["X-Bapi-Limit-Status"] for answer in answers] == ["1", "0", "0"]
        reset_ms = int(answers[2].headers["X-Bapi-Limit-Reset-Timestamp"])
        now_ms = answers[2].json()["time"]
        assert now_ms < reset_ms <= now_ms + 1_000
        assert signed(exchange, "user/query-api").json()["retCode"] == 0
        assert exchange.wait_until(lambda _: time.time() * 1_000 > reset_ms + 20, timeout=2.0)
        assert signed(exchange, "account/info").json()["retCode"] == 0


def test_dials_of_an_address(dial: Any) -> None:
    """So many in five minutes; one more is refused with 403."""
    with SimulatedExchange(exchange="bybit", max_dials=2) as exchange:
        url = f"{exchange.stream_url}/v5/public/spot"
        for _ in range(2):
            dial(url)
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            dial(url)
        assert refused.value.status_code == 403
        assert exchange.dials == 3


def test_an_idle_client_is_cut(client: Any) -> None:
    """Who sends no ping in JSON; those of websockets do not count, and data does not either."""
    with SimulatedExchange(exchange="bybit", idle_timeout=0.4, rate=50) as exchange:
        one = client(exchange, "spot")
        one.send("subscribe", "publicTrade.BTCUSDT")
        begun = time.monotonic()
        one.socket.ping()
        opcode, payload = 0x1, b""
        while opcode != 0x8:
            opcode, payload = one.socket.recv_data(control_frame=True)
        assert 0.3 < time.monotonic() - begun < 2
        assert payload[:2] == (1008).to_bytes(2, "big")


def test_a_client_that_pings_is_kept(client: Any) -> None:
    """Five times as long as it would be without."""
    with SimulatedExchange(exchange="bybit", idle_timeout=0.4) as exchange:
        one, begun = client(exchange, "linear"), time.monotonic()
        while time.monotonic() < begun + 2:
            assert one.ask("ping")["ret_msg"] == "pong"
            exchange.wait_until(lambda _: False, timeout=0.1)
        assert exchange.connections == 1


def test_a_freeze_is_nobodys_silence(client: Any) -> None:
    """What a client sent meanwhile could not be heard; it has its time anew."""
    with SimulatedExchange(exchange="bybit", idle_timeout=0.5) as exchange:
        one = client(exchange, "linear")
        with exchange.fault(Freeze()):
            one.send("ping")
            assert not exchange.wait_until(lambda seen: not seen.connections, timeout=0.8)
        assert one.answer()["ret_msg"] == "pong"
        assert one.ask("ping")["ret_msg"] == "pong"


def test_a_private_client_chooses(dial: Any) -> None:
    """By `max_active_time`, from half a minute to ten; what is none is passed over."""
    assert [alive(text) for text in ("30s", "45s", "1m", "10m")] == [30.0, 45.0, 60.0, 600.0]
    assert [alive(text) for text in (None, "", "29s", "601s", "11m", "1h", "m")] == [None] * 7
    with SimulatedExchange(exchange="bybit", idle_timeout=0.2) as exchange:
        held = dial(f"{exchange.ws_api_url}/v5/private?max_active_time=30s")
        cut = dial(f"{exchange.ws_api_url}/v5/private")
        assert cut.recv_data(control_frame=True)[0] == 0x8
        held.ping(b"1")
        assert held.recv_data(control_frame=True) == (0xA, b"1")


def test_an_old_connection_is_closed(client: Any) -> None:
    """Only where an age is set; the exchange itself has none."""
    with SimulatedExchange(exchange="bybit", max_age=0.3) as exchange:
        one = client(exchange, "spot")
        assert one.socket.recv_data(control_frame=True)[0] == 0x8
