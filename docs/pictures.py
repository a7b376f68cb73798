"""Draws the pictures of these pages: what the commands show, as SVG.

Run `.venv/bin/python docs/pictures.py [NAME...]`. Each picture is the real screen of a command,
after some seconds on the built-in exchange; it needs no network.
"""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from exchange_connector import Config
from exchange_connector.cli import demo
from exchange_connector.cli.check.examination import Examination
from exchange_connector.cli.check.finding import Report, worst
from exchange_connector.cli.check.render import table
from exchange_connector.cli.interrupts import on_signals
from exchange_connector.cli.layout import Title, render
from exchange_connector.cli.outages import OutagePlan
from exchange_connector.cli.show import Show
from exchange_connector.cli.spectator import Wishes, spectating
from exchange_connector.cli.views import Moment
from exchange_connector.cli.watch import configuration, note
from exchange_connector.simulator import SimulatedExchange

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT = 120, 36
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
DARK = TerminalTheme(
    (13, 17, 23),
    (201, 209, 217),
    [
        (72, 79, 88),
        (255, 123, 114),
        (63, 185, 80),
        (210, 153, 34),
        (88, 166, 255),
        (188, 140, 255),
        (57, 197, 207),
        (177, 186, 196),
    ],
)


class LastMoment:
    """A view that keeps the last moment, for a picture of it."""

    def __init__(self) -> None:
        self.moment: Moment | None = None

    def show(self, moment: Moment) -> None:
        """Keep it."""
        self.moment = moment


def canvas(height: int = HEIGHT) -> Console:
    """A terminal on which a picture is drawn."""
    return Console(
        record=True,
        file=io.StringIO(),
        width=WIDTH,
        height=height,
        force_terminal=True,
        color_system="standard",
    )


def svg(console: Console, name: str) -> str:
    """What was drawn, as a picture that asks no server for a font."""
    title = f"exchange-connector {name}"
    text = console.export_svg(title=title, theme=DARK, unique_id=name)
    text = re.sub(r"@font-face \{.*?\}\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"font-family: ?(Fira Code|arial)[^;]*;", f"font-family: {FONTS};", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def screen(name: str, view: LastMoment, title: Title) -> str:
    """The screen at a view's last moment."""
    assert view.moment is not None
    console = canvas()
    console.print(render(view.moment, title, WIDTH, HEIGHT), end="")
    return svg(console, name)


def draw_demo() -> str:
    """The demo, after it has survived a cut."""
    view = LastMoment()
    with (
        on_signals() as interrupt,
        SimulatedExchange() as exchange,
        spectating(demo.configuration(exchange), demo.WISHES) as spectator,
    ):
        saboteur = demo.Saboteur(exchange, spectator, OutagePlan())
        Show(spectator, interrupt, saboteur).play(view, 7.0)
    return screen("demo", view, demo.TITLE)


def draw_watch() -> str:
    """Two symbols, watched for some seconds."""
    view = LastMoment()
    symbols = ("BTCUSDT", "ETHUSDT")
    with on_signals() as interrupt, SimulatedExchange() as exchange:
        config = configuration(
            "binance", testnet=False, rest_url=exchange.rest_url, stream_url=exchange.stream_url
        )
        with spectating(config, Wishes(symbols, books=symbols[:1])) as spectator:
            Show(spectator, interrupt, note).play(view, 6.0)
    return screen("watch", view, Title("watch", "binance", symbols))


def draw_check() -> str:
    """A machine whose clock is wrong, and an exchange where the rest is well."""
    with SimulatedExchange() as exchange:
        exchange.skew_clock(2.4)
        config = (
            Config.builder()
            .exchange(
                "binance",
                exchange.api_key,
                exchange.api_secret,
                rest_url=exchange.rest_url,
                stream_url=exchange.stream_url,
            )
            .build()
        )
        began = time.monotonic()
        findings = tuple(Examination(config, {}, 15.0).findings())
        seconds = round(time.monotonic() - began, 3)
    console = canvas(height=len(findings) + 6)
    console.print(table(Report("binance", False, worst(findings), seconds, findings)))
    return svg(console, "check")


PICTURES: dict[str, Callable[[], str]] = {
    "demo": draw_demo,
    "watch": draw_watch,
    "check": draw_check,
}


def main(names: list[str]) -> None:
    """Draw the pictures of these names, or all of them."""
    IMAGES.mkdir(exist_ok=True)
    for name in names or PICTURES:
        (IMAGES / f"{name}.svg").write_text(PICTURES[name](), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
