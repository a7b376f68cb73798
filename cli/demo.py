"""`exchange-connector demo`: a connector, a simulated exchange, and a link that is cut."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pykka
from rich.console import Console

from .. import Config, ConnectorActor
from ..simulator import SimulatedExchange
from .board import Board
from .interrupts import Interrupt, on_signals
from .outages import OutagePlan, Weather
from .plain import PlainView
from .screen import ScreenView
from .spectator import CheckHealth, Spectator, look
from .story import LinkCut, LinkRestored
from .views import Moment, View

SYMBOLS = ("BTCUSDT", "ETHUSDT")
_FRAME_TIME = 0.1
_RATE_SPAN = 2.0


def run(seconds: float | None, *, plain: bool) -> int:
    """Run the demo until `seconds` are over or the user ends it; the exit code."""
    with on_signals() as interrupt:
        with SimulatedExchange() as exchange, _spectator(exchange) as spectator:
            show = Show(exchange, spectator, OutagePlan(end=seconds), interrupt)
            with _view(plain) as view:
                show.play(view, seconds)
            board = show.last
        print(board.summary(), flush=True)
    return 1 if board.is_stopped else 0


class Show:
    """Draws what the spectator sees, and cuts the link at the planned times.

    Attributes:
        last: The board as it was drawn last.
    """

    def __init__(
        self,
        exchange: SimulatedExchange,
        spectator: pykka.ActorRef[Spectator],
        plan: OutagePlan,
        interrupt: Interrupt,
    ) -> None:
        self._exchange, self._spectator = exchange, spectator
        self._plan, self._interrupt = plan, interrupt
        self._is_out = False
        self._counts: deque[tuple[float, int]] = deque()
        self.last: Board = look(spectator)

    def play(self, view: View, seconds: float | None) -> None:
        """Go on until the time is over, the user has enough, or the connector has ended."""
        began = time.monotonic()
        while not (self._interrupt.is_wanted or self.last.is_stopped):
            weather = self._plan.at(time.monotonic() - began)
            self._make(weather)
            self._spectator.tell(CheckHealth())
            self.last = look(self._spectator)
            elapsed = time.monotonic() - began
            view.show(Moment(self.last, elapsed, self._rate(elapsed), note(weather)))
            if seconds is not None and elapsed >= seconds:
                return
            time.sleep(_FRAME_TIME)

    def _make(self, weather: Weather) -> None:
        """Cut the link, or mend it."""
        if weather.is_out == self._is_out:
            return
        self._is_out = weather.is_out
        if weather.is_out:
            self._spectator.tell(LinkCut())
            self._exchange.refuse_upgrades()
            self._exchange.cut()
        else:
            self._spectator.tell(LinkRestored())
            self._exchange.accept_upgrades()

    def _rate(self, elapsed: float) -> float:
        """Events a second, lately."""
        counts = self._counts
        counts.append((elapsed, self.last.events))
        while elapsed - counts[0][0] > _RATE_SPAN:
            counts.popleft()
        (first, before), (last, now) = counts[0], counts[-1]
        return (now - before) / (last - first) if last > first else 0.0


def note(weather: Weather) -> str:
    """What is going on, or going to happen."""
    if weather.is_out:
        return "the link is cut"
    if weather.next_cut is None:
        return "no more cuts"
    return f"the link is cut in {weather.next_cut:.0f} s"


@contextmanager
def _spectator(exchange: SimulatedExchange) -> Generator[pykka.ActorRef[Spectator]]:
    """A connector to the exchange, and an actor that has subscribed to everything."""
    config = (
        Config.builder()
        .exchange("binance", rest_url=exchange.rest_url, stream_url=exchange.stream_url)
        .connection(timeout=5.0, reconnect_delay=0.3, max_reconnect_wait=1.0, stop_timeout=5.0)
        .build()
    )
    connector = ConnectorActor.start(config)
    try:
        spectator = Spectator.start(connector, SYMBOLS)
        try:
            yield spectator
        finally:
            spectator.stop(timeout=5.0)
    finally:
        connector.stop(timeout=10.0)


def _view(plain: bool) -> AbstractContextManager[View]:
    console = Console()
    can_draw = console.is_terminal and not console.is_dumb_terminal
    if plain or not can_draw or not console.encoding.lower().startswith("utf"):
        return nullcontext(PlainView())
    return ScreenView(console, SYMBOLS)
