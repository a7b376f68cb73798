"""The same seed and the same beginning give the same bytes; and TLS gives them too."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

START = 1_786_310_860.0
TOPICS = [
    "orderbook.1.BTCUSDT",
    "orderbook.50.BTCUSDT",
    "orderbook.200.ETHUSDT",
    "orderbook.1000.BTCUSDT",
    "publicTrade.BTCUSDT",
    "tickers.BTCUSDT",
    "kline.1.BTCUSDT",
]
PATHS = [
    "orderbook?category=linear&symbol=BTCUSDT&limit=100",
    "recent-trade?category=linear&symbol=BTCUSDT",
    "kline?category=spot&symbol=BTCUSDT&interval=5",
    "tickers?category=linear",
]


def told(client: Any, category: str, seed: int) -> list[str]:
    """What a client hears in two hundred steps, and what REST says then."""
    exchange = SimulatedExchange(exchange="bybit", seed=seed, start_time=START)
    exchange.hold()
    with exchange:
        one = client(exchange, category)
        one.send("subscribe", *TOPICS)
        exchange.wait_until(lambda seen: len(seen.streams) == len(TOPICS))
        exchange.advance(200)
        exchange.inject("the end")  # behind everything else
        heard: list[str] = []
        while not heard or heard[-1] != "the end":
            heard.append(one.socket.recv())
        urls = [f"{exchange.rest_url}/v5/market/{path}" for path in PATHS]
        return heard + [requests.get(url, timeout=5).text for url in urls]


@pytest.mark.parametrize("category", ["spot", "linear"])
def test_the_same_seed_gives_the_same_bytes(client: Any, category: str) -> None:
    """Frames, answers and bodies; another seed gives others."""
    first, second = (told(client, category, 3) for _ in range(2))
    assert first == second
    assert len(first) > 500
    assert told(client, category, 4) != first


def test_the_account_follows_from_the_seed() -> None:
    """Key and secret have the lengths that Bybit's have."""
    one, same, other = (SimulatedExchange(exchange="bybit", seed=seed) for seed in (1, 1, 2))
    assert (len(one.api_key), len(one.api_secret)) == (18, 36)
    assert (one.api_key, one.api_secret) == (same.api_key, same.api_secret)
    assert one.api_key != other.api_key


def test_it_is_served_by_tls_as_well() -> None:
    """REST and a topic."""
    with SimulatedExchange(exchange="bybit", tls=True) as exchange:
        url = f"{exchange.tls_rest_url}/v5/market/time"
        assert requests.get(url, verify=exchange.ca_file, timeout=5).json()["retCode"] == 0
        trust = {"ca_certs": exchange.ca_file, "cert_reqs": ssl.CERT_REQUIRED}
        public = f"{exchange.tls_stream_url}/v5/public/spot"
        socket = websocket.create_connection(public, sslopt=trust, timeout=5)
        socket.send('{"op":"subscribe","args":["publicTrade.BTCUSDT"]}')
        assert '"success":true' in str(socket.recv())
        assert '"topic":"publicTrade.BTCUSDT"' in str(socket.recv())
        socket.close()
