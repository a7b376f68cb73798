"""`exchange-connector demo`: a connector, a simulated exchange, and a link that is cut."""

from __future__ import annotations

import pykka

from .. import Config
from ..simulator import SimulatedExchange
from .board import Board
from .interrupts import on_signals
from .layout import Title
from .outages import OutagePlan, Weather
from .output import interruptible
from .screen import best_view
from .show import Show
from .spectator import Spectator, Wishes, spectating
from .story import LinkCut, LinkRestored

SYMBOLS = ("BTCUSDT", "ETHUSDT")
WISHES = Wishes(SYMBOLS, books=SYMBOLS[:1])
TITLE = Title("demo", "simulated exchange", SYMBOLS)


def run(seconds: float | None, *, plain: bool) -> int:
    """Run the demo until `seconds` are over or the user ends it; the exit code."""
    with on_signals() as interrupt, interruptible(interrupt):
        with (
            SimulatedExchange() as exchange,
            spectating(configuration(exchange), WISHES) as spectator,
        ):
            saboteur = Saboteur(exchange, spectator, OutagePlan(end=seconds))
            show = Show(spectator, interrupt, saboteur)
            with best_view(TITLE, plain=plain) as view:
                show.play(view, seconds)
            board = show.last
        print(board.summary(), flush=True)
    return 1 if board.is_over else 0


def configuration(exchange: SimulatedExchange) -> Config:
    """A connector to the exchange that is quick to dial again."""
    return (
        Config.builder()
        .exchange("binance", rest_url=exchange.rest_url, stream_url=exchange.stream_url)
        .connection(timeout=5.0, reconnect_delay=0.3, max_reconnect_wait=1.0, stop_timeout=5.0)
        .build()
    )


class Saboteur:
    """Cuts the link at the planned times, and says so."""

    def __init__(
        self,
        exchange: SimulatedExchange,
        spectator: pykka.ActorRef[Spectator],
        plan: OutagePlan,
    ) -> None:
        self._exchange, self._spectator, self._plan = exchange, spectator, plan
        self._is_out = False

    def __call__(self, _board: Board, elapsed: float) -> str:
        """Make the weather of this time; what is going on, or going to happen."""
        weather = self._plan.at(elapsed)
        if weather.is_out != self._is_out:
            self._is_out = weather.is_out
            self._turn()
        return note(weather)

    def _turn(self) -> None:
        """Cut the link, or mend it."""
        if self._is_out:
            self._spectator.tell(LinkCut())
            self._exchange.refuse_upgrades()
            self._exchange.cut()
        else:
            self._spectator.tell(LinkRestored())
            self._exchange.accept_upgrades()


def note(weather: Weather) -> str:
    """What is going on, or going to happen."""
    if weather.is_out:
        return "the link is cut"
    if weather.next_cut is None:
        return "no more cuts"
    return f"the link is cut in {weather.next_cut:.0f} s"
