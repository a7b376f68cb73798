"""What a market said, and what the connector delivers, have the same keys."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import websocket

from exchange_connector.campaign.markets import BYBIT_LINEAR, MARKETS, Market
from exchange_connector.campaign.rig import SYMBOL, Rig
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.simulator.faults import ResendSnapshots, RestartBooks
from exchange_connector.venues import DRIVERS

NAMES = [" ".join(name) for name in MARKETS]
CHANNELS = ("trades", "order_book_updates", "book_ticker", "ticker", "klines")


def dial(rig: Rig, channel: str) -> Any:
    """A websocket that is subscribed to a stream."""
    name = rig.market.stream(channel, SYMBOL).rpartition("/")[2]
    if rig.market.category is None:
        return websocket.create_connection(f"{rig.stream_url}/stream?streams={name}", timeout=5)
    url = f"{rig.stream_url}/v5/public/{rig.market.category}"
    socket: Any = websocket.create_connection(url, timeout=5)
    socket.send(json.dumps({"op": "subscribe", "args": [name]}))
    return socket


def frames(socket: Any, count: int) -> list[bytes]:
    """So many that are no answers."""
    found: list[bytes] = []
    while len(found) < count:
        raw: bytes = socket.recv().encode()
        if b'"success"' not in raw:
            found.append(raw)
    return found


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("market", MARKETS.values(), ids=NAMES)
def test_the_same_events_have_the_same_keys(market: Market, channel: str) -> None:
    """As the exchange said them, and as the connector's driver reads the frames."""
    driver = DRIVERS[market.exchange, market.name]
    with Rig(market) as rig:
        socket = dial(rig, channel)
        raw = frames(socket, 3)
        said = [each.key for each in rig.said(market.stream(channel, SYMBOL))]
        socket.shutdown()
    depth = 200 if channel == "order_book_updates" else 0
    interval = market.interval if channel == "klines" else ""
    decode = driver.decoder(Stream(Channel(channel), SYMBOL, interval=interval, depth=depth)).decode
    keys: list[Any] = []
    for each in raw:
        read: Any = decode(each, time.time_ns())
        events = read if isinstance(read, tuple) else (read,)
        keys += [market.key_of(event) for event in events]
    assert keys
    assert keys == said[: len(keys)]


def test_a_state_is_said_once() -> None:
    """Whoever subscribes later is told it, too, and so is everybody, by a snapshot."""
    name = BYBIT_LINEAR.stream("order_book_updates", SYMBOL)
    with Rig(BYBIT_LINEAR) as rig:
        first = dial(rig, "order_book_updates")
        frames(first, 2)
        rig.exchange.hold()
        second = dial(rig, "order_book_updates")
        frames(second, 1)
        rig.apply(ResendSnapshots())
        frames(second, 1)
        before = rig.said(name)
        assert [each.is_aside for each in before] == [False] * len(before)
        assert [each.times for each in before][-2:] == [1, 3]
        rig.apply(RestartBooks())
        frames(second, 1)
        after = rig.said(name)
        assert after[:-1] == before
        assert (after[-1].first, after[-1].last) == (1, 1)
        first.shutdown()
        second.shutdown()


def test_what_one_connection_was_told_is_an_aside() -> None:
    """A ticker of that instant, which is none of the stream's."""
    name = BYBIT_LINEAR.stream("ticker", SYMBOL)
    with Rig(BYBIT_LINEAR) as rig:
        first = dial(rig, "ticker")
        frames(first, 2)
        rig.exchange.hold()
        second = dial(rig, "ticker")
        (raw,) = frames(second, 1)
        said = {each.key: each for each in rig.said(name)}
        told = said[json.loads(raw)["ts"]]
        assert told.is_state
        assert told.is_aside or told.times == 2  # of the same instant as the last one
        assert rig.last_said(name) in said
        first.shutdown()
        second.shutdown()
