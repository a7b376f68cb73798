"""Every kind of fault on an exchange with Bybit's interface, from Python and by HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import FaultError, Plan
from exchange_connector.simulator.faults.kinds import KINDS

Look = Callable[[SimulatedExchange, Any], None]
TOPIC = "orderbook.50.BTCUSDT"
TIME = "/v5/market/time"
SOME = 6


def get(exchange: SimulatedExchange, path: str = TIME) -> requests.Response:
    return requests.get(exchange.rest_url + path, timeout=5)


def numbers(one: Any, enough: Callable[[list[int]], bool]) -> list[int]:
    """The numbers of the frames that arrive, until there are enough."""
    found: list[int] = []
    while not enough(found):
        found += [frame["data"]["u"] for frame in one.frames(TOPIC, 1)]
    return found


def follow(ids: list[int]) -> bool:
    """Whether each is the one after the one before."""
    return ids == list(range(ids[0], ids[0] + len(ids)))


def cut(_: SimulatedExchange, one: Any) -> None:
    with pytest.raises(ConnectionResetError):
        numbers(one, lambda found: False)


def closed(_: SimulatedExchange, one: Any) -> None:
    opcode, payload = 0x1, b""
    while opcode != 0x8:
        opcode, payload = one.socket.recv_data(control_frame=True)
    assert payload == (1012).to_bytes(2, "big") + b"restart"


def silent(exchange: SimulatedExchange, one: Any) -> None:
    assert exchange.wait_until(lambda seen: f"spot/{TOPIC}" not in seen.streams)
    assert exchange.connections == 1


def injected(_: SimulatedExchange, one: Any) -> None:
    while one.socket.recv() != "{not json":
        pass


def stalled(exchange: SimulatedExchange, one: Any) -> None:
    assert one.ask("ping")["ret_msg"] == "pong"
    told = exchange.book("BTCUSDT", depth=50).update_id
    assert exchange.wait_until(lambda seen: seen.book("BTCUSDT", depth=50).update_id > told + 3)
    one.socket.settimeout(0.1)
    with pytest.raises(websocket.WebSocketTimeoutException):
        one.socket.recv()


def frozen(exchange: SimulatedExchange, one: Any) -> None:
    with pytest.raises(requests.Timeout):
        requests.get(exchange.rest_url + TIME, timeout=0.2)
    exchange.thaw() if not exchange.faults else exchange.clear_faults()
    assert get(exchange).status_code == 200


def still(exchange: SimulatedExchange, _: Any) -> None:
    first = exchange.book("BTCUSDT")
    assert not exchange.wait_until(lambda seen: seen.book("BTCUSDT") != first, timeout=0.2)


def no_upgrade(exchange: SimulatedExchange, _: Any) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(f"{exchange.stream_url}/v5/public/linear", timeout=5)
    assert refused.value.status_code == 503


def refused(_: SimulatedExchange, one: Any) -> None:
    answer = one.ask("subscribe", "tickers.BTCUSDT", req_id="9")
    assert (answer["success"], answer["op"], answer["req_id"]) == (False, "subscribe", "9")
    assert answer["ret_msg"] == "Invalid request: refused"
    assert one.ask("subscribe", "tickers.BTCUSDT")["success"]


def ignored(_: SimulatedExchange, one: Any) -> None:
    one.send("subscribe", "tickers.BTCUSDT", req_id="1")
    assert one.ask("subscribe", "tickers.ETHUSDT", req_id="2")["req_id"] == "2"


def a_gap(exchange: SimulatedExchange, one: Any) -> None:
    assert not follow(numbers(one, lambda found: len(found) > 1 and not follow(found)))
    assert exchange.wait_until(lambda seen: bool(seen.lost))


def twice(_: SimulatedExchange, one: Any) -> None:
    found = numbers(one, lambda found: len(found) > len(set(found)))
    assert found[-1] == found[-2]


def changed_places(_: SimulatedExchange, one: Any) -> None:
    found = numbers(one, lambda found: sorted(found) != found)
    assert found[-2] == found[-1] + 1


def spoilt(_: SimulatedExchange, one: Any) -> None:
    with pytest.raises(json.JSONDecodeError):
        numbers(one, lambda found: False)


def late(_: SimulatedExchange, one: Any) -> None:
    numbers(one, lambda found: sorted(found) != found)


def in_pieces(_: SimulatedExchange, one: Any) -> None:
    assert follow(numbers(one, lambda found: len(found) == SOME))


def answered(exchange: SimulatedExchange, _: Any) -> None:
    assert (get(exchange).status_code, get(exchange).status_code) == (429, 200)


def slow(exchange: SimulatedExchange, _: Any) -> None:
    begun = time.monotonic()
    assert get(exchange).status_code == 200
    assert time.monotonic() - begun > 0.25


def reset(exchange: SimulatedExchange, _: Any) -> None:
    with pytest.raises(requests.ConnectionError):
        get(exchange)
    assert get(exchange).status_code == 200


def unknown(exchange: SimulatedExchange, _: Any) -> None:
    answer = get(exchange)
    assert (answer.status_code, answer.json()["retCode"]) == (504, 10000)


def stale(exchange: SimulatedExchange, _: Any) -> None:
    url = f"{exchange.rest_url}/v5/account/info"
    sent = {"X-BAPI-TIMESTAMP": "1700000000000"}  # whatever else: it is refused before that
    told = requests.get(url, headers=sent, timeout=5).json()
    assert told["retCode"] == 10002
    assert "server_timestamp[1700000005001]" in told["retMsg"]


def clock_off(exchange: SimulatedExchange, _: Any) -> None:
    assert abs(get(exchange).json()["time"] / 1_000 + 3_600 - time.time()) < 5


def banned(exchange: SimulatedExchange, _: Any) -> None:
    assert get(exchange).status_code == 403


def a_snapshot(_: SimulatedExchange, one: Any) -> None:
    while one.frames(TOPIC, 1)[0]["type"] != "snapshot":
        pass
    assert follow(numbers(one, lambda found: len(found) == SOME))


def from_one(_: SimulatedExchange, one: Any) -> None:
    assert follow(numbers(one, lambda found: len(found) > SOME)[-2:])
    found = numbers(one, lambda found: bool(found))
    while found[-1] > 1_000:
        found += numbers(one, lambda more: bool(more))


def behind(exchange: SimulatedExchange, _: Any) -> None:
    query = "/v5/market/recent-trade?category=spot&symbol=BTCUSDT"
    assert get(exchange, query).json()["result"]["list"] == []


CASES: dict[str, tuple[dict[str, Any], Look]] = {
    "cut": ({}, cut),
    "close": ({"code": 1012, "reason": "restart"}, closed),
    "resend_snapshots": ({"stream": TOPIC}, a_snapshot),
    "restart_books": ({}, from_one),
    "lag_trades": ({"seconds": 3600}, behind),
    "forget": ({"stream": "orderbook.*"}, silent),
    "inject": ({"payload": "{not json", "stream": TOPIC}, injected),
    "stall": ({}, stalled),
    "freeze": ({}, frozen),
    "hold": ({}, still),
    "refuse_upgrades": ({}, no_upgrade),
    "refuse_controls": ({}, refused),
    "ignore_controls": ({"method": "subscribe"}, ignored),
    "lose": ({"stream": TOPIC, "skip": 2}, a_gap),
    "duplicate": ({"stream": "*orderbook*"}, twice),
    "reorder": ({"stream": f"spot/{TOPIC}"}, changed_places),
    "corrupt": ({"stream": TOPIC, "how": "garbled"}, spoilt),
    "delay_frames": ({"stream": TOPIC, "seconds": 0.2}, late),
    "split": ({"stream": TOPIC, "pieces": 3, "pause": 0.01}, in_pieces),
    "answer": ({"path": TIME, "status": 429}, answered),
    "delay": ({"path": TIME, "seconds": 0.3}, slow),
    "drip": ({"path": TIME, "bytes_per_second": 300}, slow),
    "reset_rest": ({"path": TIME}, reset),
    "lose_answer": ({"path": TIME, "status": 504}, unknown),
    "refuse_timestamps": ({"path": "GET /v5/account/info"}, stale),
    "skew_clock": ({"seconds": -3600}, clock_off),
    "step_clock": ({"seconds": -3600}, clock_off),
    "ban": ({"seconds": 60}, banned),
}


def test_there_is_a_case_of_every_kind() -> None:
    """None is left out but those that this exchange cannot have."""
    assert CASES.keys() == KINDS.keys() - {"announce_shutdown"}


@pytest.fixture
def subscribed(client: Any) -> Callable[[SimulatedExchange], Any]:
    """A client that is subscribed to a book."""

    def subscribed(exchange: SimulatedExchange) -> Any:
        one = client(exchange, "spot")
        one.send("subscribe", TOPIC)
        assert one.frames(TOPIC, 1)[0]["type"] == "snapshot"
        return one

    return subscribed


@pytest.mark.parametrize("kind", CASES)
def test_from_python(exchange: SimulatedExchange, subscribed: Any, kind: str) -> None:
    """`apply`, with the fault as a value."""
    fields, look = CASES[kind]
    one = subscribed(exchange)
    exchange.apply(KINDS[kind](**fields))
    look(exchange, one)


@pytest.mark.parametrize("kind", CASES)
def test_by_http(exchange: SimulatedExchange, subscribed: Any, kind: str) -> None:
    """`POST /_exchange/faults`, while it runs."""
    fields, look = CASES[kind]
    one = subscribed(exchange)
    url = f"{exchange.rest_url}/_exchange/faults"
    answer = requests.post(url, json={"fault": kind, **fields}, timeout=5)
    assert answer.json() == {"id": 1}
    look(exchange, one)


def test_what_an_exchange_cannot_have(exchange: SimulatedExchange) -> None:
    """It is refused by its name at every door, on either exchange."""
    with pytest.raises(FaultError, match="announce_shutdown"):
        exchange.announce_shutdown()
    url = f"{exchange.rest_url}/_exchange/faults"
    answer = requests.post(url, json={"fault": "announce_shutdown"}, timeout=5)
    assert (answer.status_code, "announce_shutdown" in answer.text) == (400, True)
    plan = Plan.parse('[[fault]]\nat = 1\nfault = "announce_shutdown"')
    with pytest.raises(FaultError, match="announce_shutdown"):
        SimulatedExchange(exchange="bybit", plan=plan)
    with SimulatedExchange() as binance:
        for apply in (binance.resend_snapshots, binance.restart_books):
            with pytest.raises(FaultError, match="none of this exchange's"):
                apply()


def test_the_book_by_http(exchange: SimulatedExchange) -> None:
    """Of a category and a depth."""
    exchange.hold()
    url = f"{exchange.rest_url}/_exchange/book"
    query: dict[str, Any] = {"symbol": "BTCUSDT", "category": "linear", "depth": 50}
    told = requests.get(url, params=query, timeout=5).json()
    truth = exchange.book("BTCUSDT", category="linear", depth=50)
    assert told["update_id"] == truth.update_id
    assert [tuple(level) for level in told["bids"]] == list(truth.bids)
    for wrong in ({"category": "option"}, {"depth": 3}, {"symbol": "X"}, {"update_id": 1}):
        answer = requests.get(url, params=query | wrong, timeout=5)
        assert (answer.status_code, next(iter(wrong)) in answer.text) == (404, True)
    assert requests.get(url, params=query | {"depth": "x"}, timeout=5).status_code == 400
