"""What a row acts on: an exchange, the way to it, the client's resolver and clock."""

from __future__ import annotations

import contextlib
import mmap
import tempfile
from collections.abc import Callable, Hashable
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..simulator import SimulatedExchange
from ..simulator.faults import Fault
from ..simulator.faults.kinds import FrameFault
from ..simulator.market.books import BookView
from .accounting import Said
from .faults import Action, Burst, StepWall, Swallow, Unresolve
from .hooks import LAYOUT
from .keys import DEPTH, digest
from .markets import BINANCE, Market
from .proxy import Proxy

SYMBOL = "BTCUSDT"
HOST = "localhost"
"""A name, so that there is something to resolve."""
STEPS_A_SECOND = 8.0
"""Of the market; each has 2.6 trades on the average."""
KEPT = 50_000
STEPS_OF_A_BURST = 50


class Controls:
    """The resolver and the wall clock of a client's process, as `hooks` reads them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seconds, self._resolves = 0.0, True
        path.write_bytes(bytes(LAYOUT.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), LAYOUT.size)
        self._write()

    def step(self, seconds: float) -> None:
        """Move the wall clock."""
        self._seconds += seconds
        self._write()

    def resolve(self, *, names: bool) -> None:
        """Whether names resolve."""
        self._resolves = names
        self._write()

    def close(self) -> None:
        """No more."""
        self._shared.close()

    def _write(self) -> None:
        LAYOUT.pack_into(self._shared, 0, self._seconds, self._resolves)


class Rig:
    """An exchange behind a proxy, and the controls of one client's process.

    Args:
        market: The one that clients trade on.
        lag_s: Seconds that everything takes on its way, in both directions.
        options: Of the exchange, where they are not those of a row.

    Attributes:
        exchange: It keeps a record of what it says.
        market: As given.
        notes: What a row has found out by the way.
    """

    def __init__(self, market: Market = BINANCE, lag_s: float = 0.0, **options: Any) -> None:
        usual: dict[str, Any] = {
            "symbols": (SYMBOL,),
            "rate": STEPS_A_SECOND,
            "keep_published": KEPT,
            "max_dials": 0,
        }
        self.market = market
        self.exchange = SimulatedExchange(exchange=market.exchange, **(usual | options))
        self.notes: list[str] = []
        self._lag_s = lag_s
        self._rest = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.controls = Controls(folder / "controls")
            stack.callback(self.controls.close)
            stack.enter_context(self.exchange)
            self._proxy = Proxy(self.exchange.port, self._lag_s)
            self._proxy.start()
            stack.callback(self._proxy.stop)
            self._rest = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rest.close()

    @property
    def rest_url(self) -> str:
        """Base URL of REST, without a path."""
        return f"http://{HOST}:{self._proxy.port}"

    @property
    def stream_url(self) -> str:
        """Base URL of the market streams, without a path."""
        return f"ws://{HOST}:{self._proxy.port}"

    def apply(self, action: Action) -> Callable[[], object]:
        """Let something go wrong; what is returned undoes it."""
        match action:
            case Swallow():
                self._proxy.swallow()
            case Unresolve():
                self.controls.resolve(names=False)
                self._proxy.turn_away(everybody=True)
                return self._resolve
            case StepWall(seconds=seconds):
                self.controls.step(seconds)
                return lambda: self.controls.step(-seconds)
            case Burst(trades=trades):
                self._burst(trades)
            case Fault():
                number = self.exchange.apply(action)
                return lambda: self.exchange.undo(number)
        return lambda: None

    def wait_until_spent(self, seconds: float) -> bool:
        """Wait until every fault that is for so many frames has had them; whether it has.

        Those of streams that the client has not subscribed to never will.
        """

        def is_spent(exchange: SimulatedExchange) -> bool:
            streams = exchange.streams
            wanted = [
                fault
                for fault in exchange.faults
                if isinstance(fault.fault, FrameFault)
                and any(fnmatchcase(stream, fault.fault.stream) for stream in streams)
            ]
            return not wanted

        return self.exchange.wait_until(is_spent, seconds)

    def stop_the_market(self) -> None:
        """Nothing is said from now on; frames that were held back leave."""
        self.exchange.clear_frames()
        self.exchange.hold()

    @property
    def trades(self) -> str:
        """The stream of the trades."""
        return self.market.stream("trades", SYMBOL)

    def said(self, stream: str) -> list[Said]:
        """What the market said on a stream, in order."""
        return self.market.said(self.exchange.published(stream, beginnings=True))

    def said_since(self, stream: str, instant: float) -> set[Hashable]:
        """The keys of what was said on a stream after a monotonic time."""
        published = self.exchange.published(stream)
        later = (each for each in published if each.time > instant)
        return {each.key for each in self.market.said(later)}

    def last_said(self, stream: str) -> Hashable:
        """The key of the newest event of a stream."""
        return self.market.said(self.exchange.published(stream)[-1:])[-1].key

    def digest(self, update_id: int, symbol: str = SYMBOL) -> str:
        """Of the true book at that update id; "" if there is none."""
        try:
            book = self._book(symbol, update_id)
        except LookupError:
            return ""
        return digest(update_id, book.bids[:DEPTH], book.asks[:DEPTH])

    def book_id(self) -> int:
        """The present update id of the book, as its stream numbers it."""
        return self._book(SYMBOL).update_id

    def _book(self, symbol: str, update_id: int | None = None) -> BookView:
        market = self.market
        return self.exchange.book(symbol, update_id, category=market.category, depth=market.depth)

    def _resolve(self) -> None:
        self.controls.resolve(names=True)
        self._proxy.turn_away(everybody=False)
        if self._proxy.turned_away:
            self.notes.append("the client resolved the name by itself, and was turned away")

    def _burst(self, trades: int) -> None:
        """The market makes so many steps at once; its clock is ahead by so much afterwards."""
        self.exchange.hold()
        enough = self._newest_trade() + trades
        while self._newest_trade() < enough:
            self.exchange.advance(STEPS_OF_A_BURST)
        self.exchange.release()

    def _newest_trade(self) -> int:
        """Its number, which is not always its id."""
        return self.exchange.trades(SYMBOL, category=self.market.category)[-1].trade_id
