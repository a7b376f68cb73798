"""How many messages a second reach a subscriber as typed events, and at what cost in CPU.

    ./dev exec .venv/bin/python bench/throughput.py [messages] [rounds]

Each way runs in a process of its own against the same server, in turn, round by round; the medians
and their ratios to websocket-client as it comes are printed. All of them make every Decimal, but
for those whose order book levels nobody reads.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pykka
import websocket

from exchange_connector import Config, ConnectorActor, OrderBookUpdate, SubscriberActor
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS

HERE = Path(__file__).resolve().parent
STREAMS = ["btcusdt@depth@100ms", "btcusdt@trade", "btcusdt@bookTicker", "btcusdt@ticker"]


def read(event: object) -> None:
    """Have every price and quantity made."""
    if isinstance(event, OrderBookUpdate):
        for price, quantity in (*event.bids, *event.asks):
            assert price is not quantity


def connector(port: int, count: int, kind: str = "callable", *, reads: bool = False) -> None:
    """The connector, into a callable, or into an actor of a kind."""
    done = threading.Event()
    seen = 0

    def take(event: object) -> None:
        nonlocal seen
        seen += 1
        if reads:
            read(event)
        if seen == count:
            finished(count)
            done.set()

    class Plain(pykka.ThreadingActor):
        def on_receive(self, message: object) -> None:
            take(message)

    class Quick(SubscriberActor):
        def on_event(self, event: object) -> None:
            take(event)

    actors: dict[str, type[pykka.ThreadingActor]] = {"plain": Plain, "quick": Quick}
    subscriber: Any = actors[kind].start() if kind in actors else take
    config = (
        Config.builder()
        .exchange(
            "binance", rest_url=f"http://127.0.0.1:{port}", stream_url=f"ws://127.0.0.1:{port}"
        )
        .clock_sync(enabled=False)
        .build()
    )
    ref = ConnectorActor.start(config)
    proxy = ref.proxy()
    options: dict[str, Any] = {"max_pending": 2000, "overflow": "block"}
    waiting = [
        proxy.subscribe_order_book_updates("BTCUSDT", subscriber, **options),
        proxy.subscribe_trades("BTCUSDT", subscriber, **options),
        proxy.subscribe_book_ticker("BTCUSDT", subscriber, **options),
        proxy.subscribe_ticker("BTCUSDT", subscriber, **options),
    ]
    for future in waiting:
        future.get(timeout=30)
    begin()
    done.wait(300)
    ref.stop()
    if kind in actors:
        subscriber.stop()


def plain(port: int, count: int, *, skip: bool = False) -> None:
    """websocket-client and msgspec, in one loop."""
    driver = DRIVERS["binance"]
    channels = (
        Channel.ORDER_BOOK_UPDATES, Channel.TRADES, Channel.BOOK_TICKER, Channel.TICKER
    )  # fmt: skip
    decoders = {
        driver.stream_name(Stream(channel, "BTCUSDT")): driver.decoder(Stream(channel, "BTCUSDT"))
        for channel in channels
    }
    socket = websocket.create_connection(f"ws://127.0.0.1:{port}/stream", skip_utf8_validation=skip)
    socket.send(json.dumps({"method": "SUBSCRIBE", "params": STREAMS, "id": 1}))
    socket.recv()
    begin()
    for _ in range(count):
        frame = str(socket.recv())
        name = frame[11 : frame.index('"', 11)]
        read(decoders[name].decode(frame.encode(), 0))
    finished(count)
    socket.close()


def plain_skipping(port: int, count: int) -> None:
    """The same without the library's check of UTF-8."""
    plain(port, count, skip=True)


WAYS: dict[str, Callable[[int, int], None]] = {
    "websocket-client, as it comes": plain,
    "websocket-client, UTF-8 unchecked": plain_skipping,
    "connector, callable, levels read": partial(connector, reads=True),
    "connector, callable": connector,
    "connector, SubscriberActor": partial(connector, kind="quick"),
    "connector, plain actor": partial(connector, kind="plain"),
}
_began = [0.0, 0.0]


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def begin() -> None:
    """The frames are about to come (0.2 s after the last subscription)."""
    _began[:] = [time.perf_counter() + 0.2, _used()]


def finished(count: int) -> None:
    """Print what it took."""
    seconds, cpu = time.perf_counter() - _began[0], _used() - _began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"rate": count / seconds, "cpu": cpu / count * 1e6, "memory": peak}
    print(msgspec.json.encode(figures).decode(), flush=True)


def main(count: int, rounds: int) -> None:
    """Run every way in turn, and print the medians."""
    feed = [sys.executable, str(HERE / "feed.py"), str(count)]
    server = subprocess.Popen(feed, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = int(server.stdout.readline())
    results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    try:
        for _ in range(rounds):
            for way in WAYS:
                command = [sys.executable, __file__, "--way", way, str(port), str(count)]
                done = subprocess.run(
                    command, check=False, capture_output=True, text=True, timeout=300
                )
                lines = done.stdout.splitlines()
                if not lines:
                    raise SystemExit(f"{way}: {done.stderr}")
                results[way].append(json.loads(lines[-1]))
    finally:
        server.kill()
        server.wait()
    medians = {
        way: {key: statistics.median(each[key] for each in found) for key in found[0]}
        for way, found in results.items()
    }
    first = next(iter(medians.values()))
    print(f"{count} messages, {rounds} rounds, medians")
    for way, median in medians.items():
        print(
            f"{way:35} {median['rate']:9.0f}/s  x{median['rate'] / first['rate']:5.2f}  "
            f"{median['cpu']:6.1f} us CPU  x{first['cpu'] / median['cpu']:5.2f}  "
            f"{median['memory']:4.0f} MB"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        WAYS[sys.argv[2]](int(sys.argv[3]), int(sys.argv[4]))
    else:
        numbers = [int(number) for number in sys.argv[1:]]
        main(*(numbers + [50_000, 3][len(numbers) :]))
