"""The connector's reader and decoders in one loop, without actors."""

from __future__ import annotations

import socket
import time
from typing import Any

from exchange_connector import OrderBookUpdate
from exchange_connector.actors.sockets.dialling import dial
from exchange_connector.actors.sockets.wire import Wire
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS

from ..frames import MIXES
from ..meter import Job, Meter

CHANNELS = {
    "depth": Channel.ORDER_BOOK_UPDATES,
    "trade": Channel.TRADES,
    "bookTicker": Channel.BOOK_TICKER,
    "ticker": Channel.TICKER,
}
DRIVER = DRIVERS["binance", "spot"]
PREFIX = len(DRIVER.frame_prefix)


def stream_of(kind: str, name: str) -> Stream:
    """A kind of message of a symbol, as the connector calls it."""
    return Stream(CHANNELS[kind], name)


def decoders(feed: str, names: list[str]) -> dict[bytes, Any]:
    """A decoder's method for each stream of a feed, by the stream's name."""
    streams = [stream_of(kind, name) for name in names for kind in MIXES[feed]]
    return {DRIVER.stream_name(each).encode(): DRIVER.decoder(each).decode for each in streams}


def connected(job: Job) -> Wire:
    """The connector's reader, on a connection."""
    wire, sockets = Wire(ping_interval=60.0), list[socket.socket]()
    url = f"{job.stream_url}/stream?streams={'/'.join(job.streams)}"
    dial(wire, url, 10.0, "", sockets.append, job.ca_file)
    wire.begin()
    return wire


def loop(job: Job, *, reads: bool = False) -> None:
    """Read, decode, call."""
    meter = Meter(job)
    take = meter.taker()
    lookup = decoders(job.feed, job.names)
    wire = connected(job)
    meter.ready()
    while not meter.done.is_set():
        frames, now = wire.receive(), time.time_ns()
        for frame in frames:
            event = lookup[frame[PREFIX : frame.index(b'"', PREFIX)]](frame, now)
            if reads and type(event) is OrderBookUpdate:
                read(event)
            take(event)
    wire.end()


def wire(job: Job) -> None:
    """Read alone: the bytes of each message."""
    meter = Meter(job)
    many = meter.many()
    connection = connected(job)
    meter.ready()
    while not meter.done.is_set():
        many(connection.receive())
    connection.end()


def read(event: OrderBookUpdate) -> None:
    """Read every level of an order book update."""
    for price, quantity in event.bids:
        assert price is not quantity
    for price, quantity in event.asks:
        assert price is not quantity
