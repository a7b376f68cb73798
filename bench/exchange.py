"""How many events a second the simulated exchange serves to how many clients, and at what cost.

    ./dev exec .venv/bin/python bench/exchange.py [--seconds 5] [--rate 100] [--minutes 0]

The exchange runs in a process of its own, all clients in another one that only counts frames. Each
client has a combined stream of trade, bookTicker and depth@100ms of every symbol. With `--minutes`
it runs so long with one client instead, and prints the memory of the exchange each minute.
"""

from __future__ import annotations

import argparse
import json
import resource
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from exchange_connector.simulator import SimulatedExchange

CHANNELS = ("trade", "bookTicker", "depth@100ms")
CASES = ((2, 1), (2, 10), (2, 50), (100, 1), (100, 10), (100, 50))
SETTLE_S = 1.0
TRADES_A_STEP = 2.6  # of a symbol, on the average
PATIENCE_S = 86_400.0  # the clients answer no ping
STREAMS_A_CONNECTION = 1_024
PAGE_KB = resource.getpagesize() // 1_024


def names(symbols: int) -> list[str]:
    """The names of so many symbols."""
    return ["BTCUSDT", "ETHUSDT", *(f"COIN{number}USDT" for number in range(symbols - 2))][:symbols]


def serve(symbols: int, rate: float) -> None:
    """Be the exchange: print the port, and figures for every line that is read."""
    with SimulatedExchange(symbols=names(symbols), rate=rate, pong_timeout=PATIENCE_S) as exchange:
        judged = names(symbols)[:20]
        print(exchange.port, flush=True)
        for _ in sys.stdin:
            used = resource.getrusage(resource.RUSAGE_SELF)
            pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
            trades = sum(exchange.trades(name)[-1].trade_id for name in judged)
            figures = {
                "cpu": used.ru_utime + used.ru_stime,
                "memory": pages * PAGE_KB / 1_024,
                "trades": trades / len(judged),
                "connections": exchange.connections,
            }
            print(json.dumps(figures), flush=True)


def count(port: int, symbols: int, clients: int) -> None:
    """Be the clients: print frames and bytes so far for every line that is read."""
    selector = selectors.DefaultSelector()
    chosen = [f"{name.lower()}@{channel}" for name in names(symbols) for channel in CHANNELS]
    path = f"/stream?streams={'/'.join(chosen[:STREAMS_A_CONNECTION])}"
    counters = [Counter(port, path) for _ in range(clients)]
    for counter in counters:
        selector.register(counter.socket, selectors.EVENT_READ, counter)
    selector.register(sys.stdin, selectors.EVENT_READ)
    print("connected", flush=True)
    while True:
        for key, _ in selector.select():
            if isinstance(key.data, Counter):
                key.data.read()
            elif not sys.stdin.readline():
                return
            else:
                figures = {
                    "frames": sum(counter.frames for counter in counters),
                    "bytes": sum(counter.bytes for counter in counters),
                }
                print(json.dumps(figures), flush=True)


class Counter:
    """One websocket that counts the frames it gets; it answers no ping."""

    def __init__(self, port: int, path: str) -> None:
        self.frames = 0
        self.bytes = 0
        self._skip = 0
        self._head = b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(1)

    def read(self) -> None:
        """Take what has arrived."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise SystemExit("the exchange closed a connection")
        self.bytes += len(data)
        data = self._head + data
        position = self._skip
        while position + 2 <= len(data):
            length = data[position + 1]
            extra = 2 if length == 126 else 8 if length == 127 else 0
            if position + 2 + extra > len(data):
                break
            if extra:
                length = int.from_bytes(data[position + 2 : position + 2 + extra], "big")
            position += 2 + extra + length
            self.frames += 1
        self._head = data[position:]
        self._skip = max(0, position - len(data))


class Other:
    """A process of this program, asked by lines and answering by lines."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, __file__, *map(str, arguments)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.first = self._lines().readline().strip()

    def ask(self) -> dict[str, float]:
        """Its figures now."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        figures: dict[str, float] = json.loads(self._lines().readline())
        return figures

    def end(self) -> None:
        """Close its input, and wait for it."""
        self._process.communicate()

    def _lines(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout


def measure(symbols: int, clients: int, rate: float, seconds: float) -> None:
    """Print one line of the table."""
    exchange = Other("--serve", symbols, rate)
    counters = Other("--count", exchange.first, symbols, clients)
    time.sleep(SETTLE_S)
    began, before, frames_before = time.perf_counter(), exchange.ask(), counters.ask()
    time.sleep(seconds)
    took, after, frames_after = time.perf_counter() - began, exchange.ask(), counters.ask()
    counters.end()
    exchange.end()
    frames = (frames_after["frames"] - frames_before["frames"]) / took
    cpu = (after["cpu"] - before["cpu"]) / took
    pace = (after["trades"] - before["trades"]) / took / TRADES_A_STEP / rate
    print(
        f"{symbols:8} {clients:8} {frames / clients:10.0f} {frames:10.0f} "
        f"{(frames_after['bytes'] - frames_before['bytes']) / took / 1e6:8.1f} "
        f"{cpu:8.0%} {cpu / frames * 1e6:8.1f} {after['memory']:7.0f} {pace:7.0%}",
        flush=True,
    )


def watch(minutes: int, symbols: int, rate: float) -> None:
    """Print the memory of the exchange at the start and every minute."""
    exchange = Other("--serve", symbols, rate)
    counters = Other("--count", exchange.first, symbols, 1)
    print(f"{symbols} symbols, {rate:g} steps a second\nminute  RSS MB    frames", flush=True)
    for minute in range(minutes + 1):
        figures = exchange.ask()
        frames = counters.ask()["frames"]
        print(f"{minute:6} {figures['memory']:7.1f} {frames:9.0f}", flush=True)
        if minute < minutes:
            time.sleep(60)
    counters.end()
    exchange.end()


def main() -> None:
    """Print the table, or the memory over many minutes."""
    parser = argparse.ArgumentParser(description="what the simulated exchange serves")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=float, help="steps a second (100, and 10 of 100 symbols)")
    parser.add_argument("--minutes", type=int, default=0)
    parser.add_argument("--symbols", type=int, default=2, help="with --minutes")
    chosen = parser.parse_args()
    if chosen.minutes:
        watch(chosen.minutes, chosen.symbols, chosen.rate or 10.0)
        return
    print(f"{'':47}MB/s      CPU   us CPU  memory    kept\n", end="")
    print(" symbols  clients  each/s     frames/s                     a frame      MB    pace")
    for symbols, clients in CASES:
        measure(symbols, clients, chosen.rate or (100.0 if symbols == 2 else 10.0), chosen.seconds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), float(sys.argv[3]))
    elif sys.argv[1:2] == ["--count"]:
        count(*(int(argument) for argument in sys.argv[2:5]))
    else:
        main()
