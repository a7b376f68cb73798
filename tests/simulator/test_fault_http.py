"""The exchange as another program drives it: faults, state and the true book by HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults.kinds import KINDS

PING = "/api/v3/ping"


def call(
    exchange: SimulatedExchange, method: str, path: str = "", **options: Any
) -> tuple[int, Any]:
    """Status and JSON of a request under `/_exchange`."""
    url = f"{exchange.rest_url}/_exchange{path}"
    answer = requests.request(method, url, timeout=5, **options)
    return answer.status_code, answer.json()


def apply(exchange: SimulatedExchange, **fault: Any) -> tuple[int, Any]:
    return call(exchange, "POST", "/faults", json=fault)


def status(exchange: SimulatedExchange) -> int:
    return requests.get(exchange.rest_url + PING, timeout=5).status_code


def test_faults_are_applied_listed_and_ended(exchange: SimulatedExchange) -> None:
    """One by its id, or all."""
    exchange.clear_faults()
    first = apply(exchange, fault="answer", path=PING, status=503, count=2)[1]["id"]
    second = apply(exchange, fault="ban", seconds=60)[1]["id"]
    assert status(exchange) == 503
    _, listed = call(exchange, "GET", "/faults")
    assert [entry["id"] for entry in listed["faults"]] == [first, second]
    assert (listed["faults"][0]["fault"], listed["faults"][0]["left"]) == ("answer", 1)
    assert listed["faults"][1] == {"id": second, "fault": "ban", "seconds": 60}
    assert call(exchange, "DELETE", f"/faults/{first}") == (200, {"ended": 1})
    assert status(exchange) == 418
    assert call(exchange, "DELETE", "/faults") == (200, {"ended": 1})
    assert status(exchange) == 200
    assert call(exchange, "GET", "/faults") == (200, {"faults": []})


def test_a_fault_may_end_by_itself(exchange: SimulatedExchange) -> None:
    """After `for` seconds."""
    begun = time.monotonic()
    apply(exchange, **{"fault": "answer", "path": "*", "status": 503, "count": None, "for": 0.3})
    assert 0 < call(exchange, "GET", "/faults")[1]["faults"][-1]["ends_in"] <= 0.3
    assert status(exchange) == 503
    assert exchange.wait_until(lambda seen: len(seen.faults) == 1)  # the clock's, of the fixture
    assert time.monotonic() - begun >= 0.3
    assert status(exchange) == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", ["body"]),
        (b"[]", ["body"]),
        (b"{}", ["fault: missing"]),
        (b'{"fault": "explode"}', ["fault: 'explode'", "lose_answer"]),
        (b'{"fault": "stall", "count": 1}', ["count: no field of 'stall'"]),
        (b'{"fault": "delay", "path": "*"}', ["seconds: missing"]),
        (b'{"fault": "lose", "count": 0, "chance": 2}', ["count: ", "chance: "]),
        (b'{"fault": "lose", "stream": 5, "for": -1}', ["stream: ", "for: "]),
        (b'{"fault": "corrupt", "how": "badly"}', ["how: 'badly'", "truncated"]),
        (b'{"fault": "cut", "for": 1}', ["for: "]),
        (b'{"fault": "inject", "payload": "=", "base64": true}', ["payload: "]),
        (b'{"fault": "ban", "seconds": NaN}', ["seconds: "]),
    ],
)
def test_bad_input_is_told_by_its_fields(
    exchange: SimulatedExchange, body: bytes, words: list[str]
) -> None:
    """All of them at once, with status 400; nothing happens."""
    code, answer = call(exchange, "POST", "/faults", data=body)
    assert code == 400
    assert all(word in answer["error"] for word in words)
    assert len(exchange.faults) == 1


@pytest.mark.parametrize("number", ["99", "x", "²"])
def test_an_unknown_id_is_told(exchange: SimulatedExchange, number: str) -> None:
    """404, and a sentence."""
    code, answer = call(exchange, "DELETE", f"/faults/{number}")
    assert (code, list(answer)) == (404, ["error"])


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("PUT", "/faults"), ("POST", ""), ("GET", "/")]
)
def test_what_is_not_here_is_told(exchange: SimulatedExchange, method: str, path: str) -> None:
    """With the place where all is listed; it is no request to the exchange."""
    code, answer = call(exchange, method, path)
    assert code == 404
    assert "GET /_exchange" in answer["error"]
    assert exchange.requests == []


def test_there_is_a_list_of_everything(exchange: SimulatedExchange) -> None:
    """Paths, and every kind with its fields, their types and defaults."""
    _, answer = call(exchange, "GET")
    assert "POST /_exchange/faults" in answer["paths"]
    assert answer["kinds"].keys() == KINDS.keys()
    assert answer["kinds"]["split"]["fields"]["pieces"] == {
        "required": False,
        "type": "integer",
        "minimum": 2,
        "maximum": 1000,
        "default": 2,
    }
    assert answer["kinds"]["delay"]["fields"]["seconds"]["required"]
    assert not answer["kinds"]["cut"]["lasting"]
    assert all(kind["does"] for kind in answer["kinds"].values())


def test_it_costs_nothing_and_answers_during_every_fault(exchange: SimulatedExchange) -> None:
    """No weight, no journal; a freeze, a ban and faults of every path do not concern it."""
    apply(exchange, fault="answer", path="*", status=500, count=None)
    apply(exchange, fault="delay", path="*", seconds=60)
    apply(exchange, fault="ban", seconds=60)
    apply(exchange, fault="freeze")
    assert call(exchange, "GET", "/state")[0] == 200
    assert call(exchange, "DELETE", "/faults")[0] == 200
    assert exchange.requests == []
    assert exchange.used_weight == 0


def test_the_state_is_told(exchange: SimulatedExchange, dial: Any) -> None:
    """What the exchange has seen so far."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    socket.ping(b"x")
    assert exchange.wait_until(lambda seen: seen.pings == 1 and bool(seen.streams))
    assert status(exchange) == 200
    _, state = call(exchange, "GET", "/state")
    assert state["connections"] == exchange.connection_ids
    assert state["streams"] == ["btcusdt@trade"]
    assert (state["dials"], state["pings"], state["requests"], state["used_weight"]) == (1, 1, 1, 1)
    assert state["symbols"] == ["BTCUSDT", "ETHUSDT"]
    exchange.skew_clock(-100)
    assert call(exchange, "GET", "/state")[1]["clock_offset"] == -100


def test_the_true_book_is_told(exchange: SimulatedExchange) -> None:
    """As it is, and as it was at an update id."""
    exchange.hold()
    _, now = call(exchange, "GET", "/book?symbol=btcusdt")
    true = exchange.book("BTCUSDT")
    assert (now["update_id"], now["bids"][0]) == (true.update_id, list(true.bids[0]))
    before = true.update_id - 3
    _, then = call(exchange, "GET", f"/book?symbol=BTCUSDT&update_id={before}")
    assert then["update_id"] == before
    assert then["asks"] == [list(level) for level in exchange.book("BTCUSDT", before).asks]


@pytest.mark.parametrize(
    ("query", "code", "word"),
    [
        ("", 404, "symbol"),
        ("symbol=NOSUCH", 404, "symbol"),
        ("symbol=BTCUSDT&update_id=1", 404, "update_id"),
        ("symbol=BTCUSDT&update_id=x", 400, "update_id"),
    ],
)
def test_a_book_that_is_not_known_is_told(
    exchange: SimulatedExchange, query: str, code: int, word: str
) -> None:
    """By a sentence that names what is wrong."""
    told, answer = call(exchange, "GET", f"/book?{query}")
    assert told == code
    assert answer["error"].startswith(f"{word}: ")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1"},
        {"Origin": "null"},
        {"Host": "example.com"},
        {"Host": "127.0.0.1.example.com:80"},
    ],
)
def test_web_pages_are_refused(exchange: SimulatedExchange, headers: dict[str, str]) -> None:
    """By what a browser adds for one, or by the name it went to."""
    url = f"{exchange.rest_url}/_exchange/faults"
    fault = {"fault": "freeze"}
    answer = requests.post(url, json=fault, headers=headers, timeout=5)
    assert answer.status_code == 403
    assert next(iter(headers)) in answer.json()["error"]
    assert status(exchange) == 200
    local = {"Host": f"localhost:{exchange.port}"}
    assert requests.post(url, json=fault, headers=local, timeout=5).ok


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"fault": "lose", "containing": "\\ud800"}', "containing"),
        ('{"fault": "refuse_controls", "message": "\\ud800"}', "message"),
        ('{"fault": "refuse_controls", "code": 99999999999}', "code"),
        ('{"fault": "answer", "path": "*", "body": {"a": "\\ud800"}}', "body"),
        ('{"fault": "answer", "path": "*", "headers": {"X": "a\\r\\nY: b"}}', "headers"),
        ('{"fault": "close", "reason": "\\ud800"}', "reason"),
        ('{"fault": "close", "reason": "%s"}' % ("\U0001f4b6" * 31), "reason"),
        ("[" * 100_000, "body"),
        ("9" * 5_000, "body"),
    ],
)
def test_what_could_not_be_sent_is_refused(
    exchange: SimulatedExchange, body: str, field: str
) -> None:
    """At once, by the name of the field, and not when a frame is due."""
    code, answer = call(exchange, "POST", "/faults", data=body.encode())
    assert (code, answer["error"].split(":")[0]) == (400, field)


def test_numbers_of_any_length_are_understood(exchange: SimulatedExchange) -> None:
    """As ids that are not at work, and update ids that are none."""
    assert call(exchange, "DELETE", "/faults/" + "9" * 5_000)[0] == 404
    query = "/book?symbol=BTCUSDT&update_id=" + "9" * 5_000
    assert call(exchange, "GET", query)[1]["error"].startswith("update_id: ")


def test_a_body_that_is_too_long(exchange: SimulatedExchange) -> None:
    """It is told in JSON, as everything else."""
    code, answer = call(exchange, "POST", "/faults", data=b"x" * (2**20 + 1))
    assert (code, answer["error"].split(":")[0]) == (413, "body")
