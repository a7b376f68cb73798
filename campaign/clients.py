"""How the campaign speaks with a client, whoever made it: a process, and lines of JSON.

The process reads one line, an `Order`, from its standard input, and ends when that is closed. It
writes lines; `at` is always `time.monotonic()`, which is one clock for all processes of a machine:

    {"up": true}                       once it is subscribed
    {"trades": [[ID, AT], ...]}        trades it hands to its user, in that order; a number or a text
    {"trade": ID, "at": AT}            the same, for one
    {"told": "WORDS", "at": AT}        what else the library tells its user: an exception, a
                                       callback, an error message; no log lines
    {"sign": "WORDS", "at": AT}        when it noticed by itself that something is wrong, if it says
    {"answered": AT}                   when a request by REST was answered, if it says
    {"took": [[STREAM, ITEM, AT], ...]}  for a client that tells where in its streams something is
                                       missing; STREAM is named as at the exchange, and ITEM is

        ["event", KEY, RECOVERED]      an event; KEY as its `Market` has it
        ["gap", FIRST, LAST]           a notice that something is missing here; ids, or null
        ["dropped", COUNT]             a notice that so many are
        ["book", UPDATE_ID, DIGEST, KEY]  an order book (`keys.digest`)

Lines should leave within 50 ms. Other lines are no business of the campaign's.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from .accounting import Delivered, Dropped, Item, Missed
from .markets import market_of

HOOKS = Path(__file__).with_name("hooks.py")
POLITE_S = 5.0
BEAT_S = 0.5


@dataclass(frozen=True)
class Order:
    """What a client is asked to do; `None` is whatever the client does by itself.

    Attributes:
        symbol: Whose trades it subscribes to.
        consume_s: Seconds that its user takes for each trade.
        ping_interval: Seconds between its pings.
        silence: Seconds after which a stream that says nothing counts as lost.
        max_pending: Trades that may wait for its user.
        rest_every_s: If above 0, it also asks for the exchange's time by REST so often.
        is_full: Whether to take all kinds of streams, and to tell `took`; others tell `trades`.
        exchange: Whose clients it is one of.
        market: That of the exchange.
    """

    rest_url: str
    stream_url: str
    symbol: str = "BTCUSDT"
    consume_s: float = 0.0
    ping_interval: float | None = None
    silence: float | None = None
    max_pending: int | None = None
    rest_every_s: float = 0.0
    is_full: bool = False
    exchange: str = "binance"
    market: str = "spot"


def trades_of(order: Order) -> str:
    """The stream of the trades that a client subscribes to."""
    return market_of(order.exchange, order.market).stream("trades", order.symbol)


@dataclass(frozen=True)
class Program:
    """How a client is started: `python ARGUMENTS` in a folder; see `hooks` for what they may be."""

    name: str
    arguments: tuple[str, ...]
    python: str = sys.executable
    folder: Path | None = None
    is_full: bool = False


OURS = Program("exchange-connector", ("-m", f"{__package__}.ours"), is_full=True)


@dataclass
class Heard:
    """What a client has said so far; what is a list holds pairs of that and its time.

    Attributes:
        trades: Live ones.
        told: Words to its user.
        signs: That it noticed something by itself.
        took: Of each stream, what the account is made of.
        replies: When requests were answered.
        books: Update ids, digests and keys of order books.
        last: Of each stream, the key of the last event.
    """

    trades: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    told: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    signs: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    took: dict[str, list[tuple[Item, float]]] = field(
        default_factory=lambda: defaultdict[str, list[tuple[Item, float]]](list)
    )
    replies: list[float] = field(default_factory=list[float])
    books: list[tuple[int, str, Hashable]] = field(default_factory=list[tuple[int, str, Hashable]])
    last: dict[str, Hashable] = field(default_factory=dict[str, Hashable])
    is_up: bool = False
    has_ended: bool = False

    def take(self, line: Mapping[str, Any], trades: str) -> None:
        """Take one line; `trades` is the name of the stream of the simple form's trades."""
        if "up" in line:
            self.is_up = True
        for key, known in (("told", self.told), ("sign", self.signs)):
            if key in line:
                known.append((str(line[key]), float(line["at"])))
        if "answered" in line:
            self.replies.append(float(line["answered"]))
        if "trade" in line:
            self._trade(trades, str(line["trade"]), float(line["at"]))
        for trade, at in line.get("trades", ()):
            self._trade(trades, str(trade), float(at))
        for stream, item, at in line.get("took", ()):
            self._took(str(stream), item, float(at), trades)

    def _trade(self, stream: str, trade: str, at: float) -> None:
        self.trades.append((trade, at))
        self._delivered(stream, Delivered(trade), at)

    def _took(self, stream: str, item: list[Any], at: float, trades: str) -> None:
        match item:
            case ["event", [*parts], is_recovered]:  # JSON has no tuples
                self._delivered(stream, Delivered(tuple(parts), bool(is_recovered)), at)
            case ["event", key, is_recovered]:
                self._delivered(stream, Delivered(key, bool(is_recovered)), at)
                if stream == trades and not is_recovered:
                    self.trades.append((str(key), at))
            case ["gap", first, last]:
                self.took[stream].append((Missed(first, last), at))
            case ["dropped", count]:
                self.took[stream].append((Dropped(int(count)), at))
            case ["book", update_id, digest, key]:
                self.books.append((int(update_id), str(digest), key))
            case _:
                raise ValueError(f"no item: {item!r}")

    def _delivered(self, stream: str, item: Delivered, at: float) -> None:
        self.took[stream].append((item, at))
        self.last[stream] = item.key


class Client:
    """A client's process, under orders; `order` is a dataclass, its first line.

    Attributes:
        heard: What it has said; look at it in `look` or `wait`.
        complaints: The last lines on its standard error.
    """

    def __init__(
        self, program: Program, order: object, controls: Path, heard: Heard | None = None
    ) -> None:
        self.heard = Heard() if heard is None else heard
        self.complaints: list[str] = []
        self._trades = trades_of(order) if isinstance(order, Order) else ""
        self._changed = threading.Condition()
        # no proxy of the environment stands between a client and this machine
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name}
        self._process = subprocess.Popen(
            [program.python, str(HOOKS), str(controls), *program.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=program.folder,
            env=environment | {"NO_PROXY": "*", "PYTHONUNBUFFERED": "1"},
        )
        self._readers = [
            threading.Thread(target=self._read_lines, name="campaign-client"),
            threading.Thread(target=self._read_errors, name="campaign-client-errors"),
        ]
        for reader in self._readers:
            reader.start()
        self.send(asdict(cast("Any", order)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def wait(self, predicate: Callable[[Heard], bool], seconds: float) -> bool:
        """Wait until what was heard satisfies `predicate`; whether it came to."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not predicate(self.heard):
                left = deadline - time.monotonic()
                if left <= 0 or self.heard.has_ended:
                    return False
                self._changed.wait(min(left, BEAT_S))
            return True

    def send(self, line: Mapping[str, Any]) -> None:
        """Write a line of JSON to its input; nothing, if it has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{json.dumps(line)}\n")
            self._process.stdin.flush()

    def look(self, at: Callable[[Heard], Any]) -> Any:
        """What `at` finds in what was heard so far."""
        with self._changed:
            return at(self.heard)

    def end(self) -> None:
        """Close its input, and leave nothing behind."""
        pipes = self._process.stdin, self._process.stdout, self._process.stderr
        assert pipes[0] is not None
        with contextlib.suppress(BrokenPipeError):
            pipes[0].close()
        try:
            self._process.wait(POLITE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in pipes[1:]:
            assert pipe is not None
            pipe.close()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            if text.startswith("{"):
                with self._changed:
                    self.heard.take(json.loads(text), self._trades)
                    self._changed.notify_all()
        with self._changed:
            self.heard.has_ended = True
            self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for text in self._process.stderr:
            self.complaints = [*self.complaints[-20:], text.rstrip()]
