"""Raw requests, dials, message floods, and the age of a connection."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.limits import FLOODS, PATIENCE

Dial = Callable[[str], websocket.WebSocket]
NextFrame = Callable[[websocket.WebSocket], tuple[int, bytes]]
CLOSE = 0x8


def refused(dial: Dial, url: str) -> websocket.WebSocketBadStatusException:
    """The refusal of an upgrade."""
    with pytest.raises(websocket.WebSocketBadStatusException) as error:
        dial(url)
    return error.value


def begin_of_five_minutes(exchange: SimulatedExchange) -> None:
    """Set the exchange's clock ten seconds into five minutes."""
    exchange.skew_clock(10 - time.time() % 300)


def test_raw_requests_are_counted_in_five_minutes() -> None:
    """Every request counts, whatever it weighs; going on leads to a ban."""
    with SimulatedExchange(max_raw_requests=3) as exchange:
        begin_of_five_minutes(exchange)
        url = f"{exchange.rest_url}/api/v3/"
        rows = requests.get(f"{url}exchangeInfo", timeout=5).json()["rateLimits"]
        assert rows[3] == {
            "rateLimitType": "RAW_REQUESTS",
            "interval": "MINUTE",
            "intervalNum": 5,
            "limit": 3,
        }
        assert [requests.get(url + path, timeout=5).status_code for path in ("ping", "no")] == [
            200,
            404,
        ]
        answer = requests.get(f"{url}ping", timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (429, -1003)
        assert 280 <= int(answer.headers["Retry-After"]) <= 290
        exchange.step_clock(60)
        assert requests.get(f"{url}ping", timeout=5).status_code == 429
        exchange.step_clock(240)
        assert requests.get(f"{url}ping", timeout=5).status_code == 200
        exchange.step_clock(1)
        codes = [requests.get(f"{url}ping", timeout=5).status_code for _ in range(PATIENCE + 3)]
        assert codes == [200, 200, *[429] * PATIENCE, 418]


def test_dials_are_counted_in_five_minutes_of_the_exchange_clock(dial: Dial) -> None:
    """Past the limit an upgrade is refused with 429, streams and websocket API alike."""
    with SimulatedExchange(max_dials=2) as exchange:
        begin_of_five_minutes(exchange)
        dial(f"{exchange.stream_url}/ws")
        dial(f"{exchange.ws_api_url}/ws-api/v3")
        refusal = refused(dial, f"{exchange.stream_url}/ws")
        assert refusal.status_code == 429
        assert b'"code":-1034' in (refusal.resp_body or b"")
        headers = refusal.resp_headers or {}
        assert 280 <= int(headers["retry-after"]) <= 290
        assert refused(dial, f"{exchange.ws_api_url}/ws-api/v3").status_code == 429
        exchange.step_clock(300)
        dial(f"{exchange.stream_url}/ws")
        assert exchange.wait_until(lambda seen: seen.connections == 3)


def test_no_limit_of_dials(dial: Dial) -> None:
    """0 allows all, and then the websocket API tells of none."""
    with SimulatedExchange(max_dials=0, max_raw_requests=0) as exchange:
        sockets = [dial(f"{exchange.stream_url}/ws") for _ in range(5)]
        assert exchange.wait_until(lambda seen: seen.connections == len(sockets))
        info = requests.get(f"{exchange.rest_url}/api/v3/exchangeInfo", timeout=5).json()
        assert {row["rateLimitType"] for row in info["rateLimits"]} == {"REQUEST_WEIGHT", "ORDERS"}


def test_repeated_floods_ban_the_address(exchange: SimulatedExchange, dial: Dial) -> None:
    """Each flood ends its connection; the last one keeps the address out, REST too."""
    for _ in range(FLOODS):
        socket = dial(f"{exchange.stream_url}/ws")
        assert exchange.wait_until(lambda seen: seen.connections == 1)
        for _ in range(6):
            socket.ping()
        assert exchange.wait_until(lambda seen: seen.connections == 0)
    refusal = refused(dial, f"{exchange.stream_url}/ws")
    assert refusal.status_code == 418
    assert 115 <= int((refusal.resp_headers or {})["retry-after"]) <= 120
    assert requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).status_code == 418
    exchange.step_clock(121)
    dial(f"{exchange.stream_url}/ws")


def test_a_ban_for_requests_leaves_the_streams_alone(
    exchange: SimulatedExchange, dial: Dial
) -> None:
    """Only the websocket API and REST answer 418."""
    exchange.ban(30)
    dial(f"{exchange.stream_url}/ws")
    assert refused(dial, f"{exchange.ws_api_url}/ws-api/v3").status_code == 418


def test_bans_grow() -> None:
    """Two minutes, then four."""
    with SimulatedExchange(max_weight=1) as exchange:
        exchange.skew_clock(10 - time.time() % 60)
        url = f"{exchange.rest_url}/api/v3/time"
        lengths: list[str] = []
        for _ in range(2):
            while (answer := requests.get(url, timeout=5)).status_code != 418:
                pass
            lengths.append(answer.headers["Retry-After"])
            exchange.step_clock(int(lengths[-1]) + 1)
        assert lengths == ["120", "240"]


@pytest.mark.parametrize("path", ["/ws", "/ws-api/v3"])
def test_a_connection_does_not_live_for_ever(dial: Dial, frame: NextFrame, path: str) -> None:
    """It is closed with code 1008 at its age."""
    with SimulatedExchange(max_age=0.2) as exchange:
        begun = time.monotonic()
        socket = dial(exchange.stream_url + path)
        opcode, payload = frame(socket)
        assert (opcode, payload) == (CLOSE, (1008).to_bytes(2, "big") + b"disconnected")
        assert 0.15 < time.monotonic() - begun < 2
        assert exchange.wait_until(lambda seen: seen.connections == 0)


@pytest.mark.parametrize("query", ["timeUnit=NANOSECOND", "timeUnit=Microsecond"])
def test_a_time_unit_that_is_none_is_refused(
    exchange: SimulatedExchange, dial: Dial, query: str
) -> None:
    """With status 400 and code -1194."""
    refusal = refused(dial, f"{exchange.stream_url}/ws?{query}")
    assert refusal.status_code == 400
    assert b"-1194" in (refusal.resp_body or b"")


def test_more_streams_in_the_url_than_a_connection_holds(
    exchange: SimulatedExchange, dial: Dial
) -> None:
    """1,024 are taken, one more is refused."""
    names = [f"{number:x}@t" for number in range(1_025)]
    url = f"{exchange.stream_url}/stream?streams="
    dial(url + "/".join(names[:-1]))
    assert exchange.wait_until(lambda seen: len(seen.streams) == 1_024)
    assert refused(dial, url + "/".join(names)).status_code == 400
