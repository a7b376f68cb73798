"""Clients that send what no client should; the exchange goes on."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange


@pytest.mark.parametrize(
    "query",
    [
        b"category=spot&symbol=%ff%fe",
        b"category=spot&symbol=BTCUSDT&symbol=ETHUSDT",
        b"category=%00&symbol=BTCUSDT",
        b"&&&=&=",
        b"category=linear&symbol=BTCUSDT&limit=" + b"9" * 400,
        b"category=linear&symbol=BTCUSDT&limit=%D9%A3",
        b"category=linear&symbol=" + b"A" * 5_000,
    ],
)
def test_odd_queries(held: SimulatedExchange, query: bytes) -> None:
    """They are answered in the envelope, whatever they hold."""
    with socket.create_connection(("127.0.0.1", held.port), timeout=5) as raw:
        path = b"GET /v5/market/orderbook?" + query
        raw.sendall(path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := raw.recv(65_536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"retCode":' in answer


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b'{"category":"spot","symbol":"\\ud800"}',
        b'{"\\ud800":[1]}',
        b'{"category":"spot","symbol":"BTCUSDT","orderId":"' + b"9" * 5_000 + b'"}',
        '{"category":"spot","symbol":"BTCUSDT","orderId":"٣"}'.encode(),
        b'{"category":"spot","symbol":"BTCUSDT","orderLinkId":{"a":1}}',
        b'{"category":"spot","symbol":"BTCUSDT","orderId":' + b"9" * 5_000 + b"}",
        b'{"category":"spot","symbol":"BTCUSDT","orderId":NaN}',
        b"[" * 100_000,
    ],
)
def test_odd_bodies(still: SimulatedExchange, trader: Any, body: bytes) -> None:
    """They are refused in the envelope, signed or not."""
    text = body.decode("utf-8", "surrogateescape")
    for headers in (trader._headers(text, "5000"), trader._headers("", "5000")):
        for path in ("create", "cancel", "cancel-all"):
            url = f"{still.rest_url}/v5/order/{path}"
            answer = requests.post(url, data=body, headers=headers, timeout=5)
            assert answer.status_code == 200
            assert answer.json()["retCode"] or path == "cancel-all"
    assert still.orders() == []


def test_odd_headers(exchange: SimulatedExchange) -> None:
    """Of what should prove who somebody is."""
    url = f"{exchange.rest_url}/v5/account/info"
    for timestamp, window in (("٣", "5000"), ("1" * 400, "5000"), ("1", "x"), ("-1", "-1")):
        headers = {
            "X-BAPI-API-KEY": exchange.api_key,
            "X-BAPI-TIMESTAMP": timestamp.encode().decode("latin-1"),
            "X-BAPI-SIGN": "é",
            "X-BAPI-RECV-WINDOW": window,
        }
        answer = requests.get(url, headers=headers, timeout=5).json()
        assert answer["retCode"] in (10001, 10002)
        headers |= {"X-BAPI-TIMESTAMP": str(exchange._box.clock.milliseconds())}
        headers["X-BAPI-RECV-WINDOW"] = "5000"
        assert requests.get(url, headers=headers, timeout=5).json()["retCode"] == 10004


def test_a_binary_frame_is_read_as_text(held: SimulatedExchange, client: Any) -> None:
    """As the real one may not; it does no harm."""
    one = client(held, "spot")
    one.socket.send_binary(b'{"op":"ping"}')
    assert one.answer()["ret_msg"] == "pong"
    one.socket.send_binary(b"\xff\xfe")
    assert not one.answer()["success"]


def test_an_id_of_any_kind(held: SimulatedExchange, client: Any) -> None:
    """It is echoed as a text."""
    one = client(held, "linear")
    for sent, echoed in (("5", "5"), ('["x"]', "['x']"), ("null", "")):
        one.socket.send(f'{{"op":"ping","req_id":{sent}}}')
        assert one.answer()["req_id"] == echoed


def test_numbers_in_an_authentication(held: SimulatedExchange, client: Any) -> None:
    """And whatever else stands there."""
    one = client(held, "private")
    for args in ("[1,2,3]", "[null,null,null]", '[{"a":1},[],"\\u00e9"]', '["k"]'):
        one.socket.send(f'{{"op":"auth","args":{args}}}')
        assert not one.answer()["success"]


def test_a_client_that_leaves_in_the_middle(exchange: SimulatedExchange, client: Any) -> None:
    """Its subscriptions end with it."""
    one = client(exchange, "linear")
    one.ask("subscribe", "orderbook.50.BTCUSDT", "tickers.BTCUSDT")
    one.socket.sock.close()
    assert exchange.wait_until(lambda seen: not seen.streams)
    assert exchange.connections == 0
