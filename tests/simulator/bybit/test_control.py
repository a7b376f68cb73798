"""Messages of clients on the public sockets, and their answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

CATEGORIES = ("spot", "linear")
TOPIC = "publicTrade.BTCUSDT"


def test_answers_of_spot(held: SimulatedExchange, client: Any) -> None:
    """They say what was done, and have the id only where one was sent."""
    one = client(held, "spot")
    answer = one.ask("subscribe", TOPIC, req_id="10001")
    assert list(answer) == ["success", "ret_msg", "conn_id", "req_id", "op"]
    assert (answer["success"], answer["ret_msg"]) == (True, "subscribe")
    assert (answer["req_id"], answer["op"]) == ("10001", "subscribe")
    answer = one.ask("unsubscribe", TOPIC)
    assert list(answer) == ["success", "ret_msg", "conn_id", "op"]
    assert held.streams == set()


def test_answers_of_contracts(held: SimulatedExchange, client: Any) -> None:
    """They say nothing, and have an id in any case."""
    one = client(held, "linear")
    first = one.ask("subscribe", TOPIC)
    assert list(first) == ["success", "ret_msg", "conn_id", "req_id", "op"]
    assert (first["success"], first["ret_msg"], first["req_id"]) == (True, "", "")
    second = one.ask("unsubscribe", TOPIC, req_id="7")
    assert (second["req_id"], second["op"]) == ("7", "unsubscribe")
    assert second["conn_id"] == first["conn_id"]
    assert client(held, "linear").ask("ping")["conn_id"] != first["conn_id"]


def test_data_comes_before_or_after_the_answer(held: SimulatedExchange, client: Any) -> None:
    """Of contracts before it, of spot after it, as recorded."""
    spot, linear = client(held, "spot"), client(held, "linear")
    for one in (spot, linear):
        one.send("subscribe", "orderbook.50.BTCUSDT")
    assert "op" in spot.next()
    assert "topic" in spot.next()
    assert "topic" in linear.next()
    assert "op" in linear.next()


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize(
    "topic",
    [
        "orderbook.500.BTCUSDT",
        "orderbook.BTCUSDT",
        "publicTrade.XYZUSDT",
        "publicTrade.btcusdt",
        "kline.7.BTCUSDT",
        "nothing",
        "",
        "..",
    ],
)
def test_no_such_topic(held: SimulatedExchange, client: Any, category: str, topic: str) -> None:
    """Then nothing of the message is subscribed."""
    one = client(held, category)
    answer = one.ask("subscribe", TOPIC, topic, req_id="1")
    assert not answer["success"]
    assert answer["ret_msg"] == f"error:handler not found,topic:{topic}"
    assert answer["req_id"] == "1"
    assert held.streams == set()


def test_spot_takes_ten_topics_at_once(held: SimulatedExchange, client: Any) -> None:
    """Eleven are refused as a whole; contracts take them."""
    topics = [f"kline.{interval}.BTCUSDT" for interval in ("1", "3", "5", "15", "30", "60", "D")]
    topics += [TOPIC, "tickers.BTCUSDT", "orderbook.1.BTCUSDT", "orderbook.50.BTCUSDT"]
    assert len(topics) == 11
    spot, linear = client(held, "spot"), client(held, "linear")
    answer = spot.ask("subscribe", *topics)
    assert (answer["success"], answer["ret_msg"]) == (False, "args size >10")
    assert held.streams == set()
    assert linear.ask("subscribe", *topics)["success"]
    assert spot.ask("subscribe", *topics[:10])["success"]
    assert spot.ask("subscribe", topics[10])["success"]


def test_topics_of_a_connection_have_a_length(client: Any) -> None:
    """Together 21,000 characters; what is there already counts, and counts once."""
    symbols = [f"SYMBOL{number:04d}USDT" for number in range(1_300)]
    with SimulatedExchange(exchange="bybit", symbols=symbols, rate=0.01) as exchange:
        topics = [f"tickers.{symbol}" for symbol in symbols]
        length = len(topics[0])
        fitting = 21_000 // length
        one = client(exchange, "linear")
        one.socket.settimeout(60)
        assert one.ask("subscribe", *topics[: fitting // 2])["success"]
        answer = one.ask("subscribe", *topics[: fitting + 1])
        assert not answer["success"]
        assert "21000" in answer["ret_msg"]
        assert one.ask("subscribe", *topics[:fitting])["success"]
        assert len(exchange.streams) == fitting


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '"ping"',
        '{"op":"login"}',
        '{"op":"subscribe","args":"publicTrade.BTCUSDT"}',
        '{"op":"subscribe","args":[]}',
        '{"op":"subscribe","args":[1]}',
        '{"op":"subscribe"}',
        '{"op":"ping","req_id":"\\ud800"}',
        '{"op":"auth","args":[]}',
        "[" * 100_000,
    ],
)
def test_no_sense(held: SimulatedExchange, client: Any, text: str) -> None:
    """A message that is none is refused, and the connection goes on."""
    one = client(held, "linear")
    one.socket.send(text)
    answer = one.answer()
    assert (answer["success"], answer["ret_msg"]) == (False, "Params Error")
    assert one.ask("ping")["success"]


def test_pings(held: SimulatedExchange, client: Any) -> None:
    """In JSON, each socket in its own way; and those of websockets."""
    answer = client(held, "spot").ask("ping", req_id="3")
    assert list(answer) == ["success", "ret_msg", "conn_id", "req_id", "op"]
    assert (answer["ret_msg"], answer["op"], answer["req_id"]) == ("pong", "ping", "3")
    assert list(client(held, "spot").ask("ping")) == ["success", "ret_msg", "conn_id", "op"]
    answer = client(held, "linear").ask("ping")
    assert list(answer) == ["success", "ret_msg", "conn_id", "req_id", "op"]
    one = client(held, "linear")
    one.socket.ping(b"alive?")
    assert one.socket.recv_data(control_frame=True) == (0xA, b"alive?")


def test_the_journal_has_every_message(held: SimulatedExchange, client: Any) -> None:
    """With its operation and its arguments; what was unreadable as it was."""
    one = client(held, "spot")
    one.ask("subscribe", TOPIC)
    one.ask("ping")
    one.socket.send("{not json")
    one.answer()
    assert [(each.method, each.params) for each in held.controls] == [
        ("subscribe", [TOPIC]),
        ("ping", []),
        ("", "{not json"),
    ]


def test_a_subscription_that_is_there_already(held: SimulatedExchange, client: Any) -> None:
    """It is confirmed, and sends no frame twice."""
    one = client(held, "spot")
    for _ in range(2):
        assert one.ask("subscribe", TOPIC)["success"]
    held.advance(3)
    ids = [json.dumps(frame) for frame in one.frames(TOPIC, 3)]
    assert len(set(ids)) == 3
