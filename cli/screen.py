"""The demo on a terminal's screen, from 80 columns and 24 rows on."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from . import panels
from .views import Moment

_FRAME = 2
"""Rows, or columns, that a panel's border takes."""
_NARROWEST_BOOK = 30
_BOOK_TEXT = 22
"""Columns of a line of the book without its bar."""
_PRICE_TEXT = 54
"""Columns of a line of prices without its trades, borders included."""
_ROOMY = 70


class ScreenView:
    """Draws on the terminal's alternate screen, and gives the terminal back as it was."""

    def __init__(self, console: Console, symbols: tuple[str, ...]) -> None:
        self._console, self._symbols = console, symbols
        self._live = Live(console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, moment: Moment) -> None:
        """Draw one moment."""
        width, height = self._console.size
        self._live.update(render(moment, self._symbols, width, height), refresh=True)


def render(moment: Moment, symbols: tuple[str, ...], width: int, height: int) -> Layout:
    """The whole screen."""
    body = height - 2
    right = max(_NARROWEST_BOOK, min(46, width - 78))
    layout = Layout()
    layout.split_column(
        Layout(_header(moment), size=1), Layout(name="body"), Layout(_footer(moment), size=1)
    )
    layout["body"].split_row(
        _left(moment, symbols, width - right, body), _right(moment, symbols[0], right, body)
    )
    return layout


def _left(moment: Moment, symbols: tuple[str, ...], width: int, height: int) -> Layout:
    board, is_wide = moment.board, width >= _ROOMY
    price_rows = 1 + len(symbols) + _FRAME
    streams = len(board.health.streams) if board.health is not None else 7
    health_rows = max(streams, 7) + _FRAME
    log_rows = height - price_rows - health_rows - _FRAME
    path_width = min(20, width - _PRICE_TEXT) if is_wide else 0
    column = Layout()
    column.split_column(
        Layout(_panel(panels.prices(board, symbols, path_width), "prices"), size=price_rows),
        Layout(
            _panel(panels.health(board, is_wide=is_wide), "health"),
            size=health_rows,
        ),
        Layout(_panel(panels.log(board, log_rows), "what happens")),
    )
    return column


def _right(moment: Moment, symbol: str, width: int, height: int) -> Layout:
    board = moment.board
    levels = max(2, min(12, (height - 11) // 2))
    book_rows = 2 * levels + 1 + _FRAME
    book = panels.order_book(board, levels, max(1, width - _BOOK_TEXT))
    trades = panels.trades(board, height - book_rows - _FRAME, is_wide=width >= 36)
    column = Layout(size=width)
    column.split_column(
        Layout(_panel(book, f"order book {symbol}"), size=book_rows),
        Layout(_panel(trades, "trades")),
    )
    return column


def _panel(content: RenderableType, title: str) -> Panel:
    return Panel(content, title=Text(title, "bold"), title_align="left", border_style="dim")


def _header(moment: Moment) -> Text:
    line = Text.assemble((" exchange-connector demo", "bold"), "  simulated exchange  ")
    line.append_text(panels.state_text(moment.board.state))
    line.append(f"  {moment.rate:.0f} events/s  {moment.elapsed:.0f} s", "dim")
    line.truncate(500, overflow="ellipsis")
    return line


def _footer(moment: Moment) -> Text:
    board = moment.board
    counts = f"{board.survived} of {board.cuts} cuts survived, {board.gaps} gaps told"
    return Text.assemble(" ", (moment.note, panels.NEWS), (f"  {counts}  Ctrl-C ends", "dim"))
