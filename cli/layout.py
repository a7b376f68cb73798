"""Where each part of the screen stands, from 80 columns and 24 rows on."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.text import Text

from ..messages import HealthState
from . import market_panels, panels
from .board import Board
from .colours import NEWS, QUIET, state_text
from .views import Moment

_FRAME = 2
"""Rows that a panel's border takes."""
_BORDER = 4
"""Columns that it takes, with the space beside it."""
_NARROWEST_BOOK = 30
_PRICE_TEXT = 54
"""Columns of a line of prices without its trades, borders included."""
_ROOMY = 70
"""Columns from which on streams and actors stand side by side."""
_LEAST_LOG = 2
_BRIEF_ROWS = 2
"""Rows of the actors where they stand one after the other."""


@dataclass(frozen=True, slots=True)
class Title:
    """What the screen is about.

    Attributes:
        command: Which command it is.
        place: Where the market is.
        symbols: Whose prices are shown; of the first one also the book and the trades.
        depth: How many levels of the book there are at most.
    """

    command: str
    place: str
    symbols: tuple[str, ...]
    depth: int = 20


def render(moment: Moment, title: Title, width: int, height: int) -> Layout:
    """The whole screen."""
    body = max(0, height - 2)
    right = max(_NARROWEST_BOOK, min(46, width - 78))
    layout = Layout()
    layout.split_column(
        Layout(_header(moment, title), size=1),
        Layout(name="body"),
        Layout(_footer(moment), size=1),
    )
    layout["body"].split_row(
        _left(moment, title, width - right, body), _right(moment, title, right, body)
    )
    return layout


def _left(moment: Moment, title: Title, width: int, height: int) -> Layout:
    board, is_wide = moment.board, width >= _ROOMY
    price_lines = max(1, min(len(title.symbols), height // 3))
    price_rows = 1 + price_lines + _FRAME
    path_width = max(0, min(20, width - _PRICE_TEXT)) if is_wide else 0
    parts = _side_by_side if is_wide else _stacked
    state, state_rows = parts(moment, width, height - price_rows - _LEAST_LOG - _FRAME)
    log_rows = height - price_rows - state_rows - _FRAME
    column = Layout()
    column.split_column(
        Layout(
            _panel(market_panels.prices(board, title.symbols, price_lines, path_width), "prices"),
            size=price_rows,
        ),
        state,
        Layout(_panel(panels.log(board, log_rows), "what happens")),
    )
    return column


def _side_by_side(moment: Moment, width: int, most: int) -> tuple[Layout, int]:
    """Streams and actors, and how many rows they take, of `most`."""
    health = moment.board.health
    wanted = max(7, len(health.components) + 1, len(health.streams)) if health is not None else 7
    rows = max(1, min(wanted, most - _FRAME))
    row = Layout(size=rows + _FRAME)
    row.split_row(
        Layout(_panel(panels.streams(moment.board, rows, moment.now), "streams"), ratio=4),
        Layout(_panel(panels.health(moment.board), "health"), ratio=3),
    )
    return row, rows + _FRAME


def _stacked(moment: Moment, width: int, most: int) -> tuple[Layout, int]:
    """Streams above the actors, and how many rows they take, of `most`."""
    health = moment.board.health
    wanted = len(health.streams) if health is not None else 4
    brief = _BRIEF_ROWS + _FRAME
    rows = max(1, min(wanted, most - brief - _FRAME))
    column = Layout(size=rows + _FRAME + brief)
    column.split_column(
        Layout(
            _panel(panels.streams(moment.board, rows, moment.now), "streams"), size=rows + _FRAME
        ),
        Layout(_panel(panels.health_in_brief(moment.board, width - _BORDER), "health"), size=brief),
    )
    return column, rows + _FRAME + brief


def _right(moment: Moment, title: Title, width: int, height: int) -> Layout:
    board, symbol = moment.board, title.symbols[0]
    levels = max(2, min(title.depth, (height * 5 // 8 - 1 - _FRAME) // 2))
    book_rows = 2 * levels + 1 + _FRAME
    trade_rows = height - book_rows - _FRAME
    book = market_panels.order_book(board, symbol, levels, width - _BORDER)
    trades = market_panels.trades(board, symbol, trade_rows, is_wide=width >= 40)
    column = Layout(size=width)
    column.split_column(
        Layout(
            _panel(book, f"order book {symbol}", _doubt(board, f"order_book:{symbol}")),
            size=book_rows,
        ),
        Layout(_panel(trades, f"trades {symbol}", _doubt(board, f"trades:{symbol}"))),
    )
    return column


def _doubt(board: Board, stream: str) -> Text:
    """The state of a stream whose panel shows what may be old; nothing while it is LIVE."""
    part = board.health.streams.get(stream) if board.health is not None else None
    if part is None or part.state is HealthState.LIVE:
        return Text()
    return Text(" ").append_text(state_text(part.state))


def _panel(content: RenderableType, title: str, doubt: Text | None = None) -> Panel:
    words = Text.assemble((title, "bold"), doubt or "")
    return Panel(content, title=words, title_align="left", border_style=QUIET)


def _header(moment: Moment, title: Title) -> Text:
    line = Text.assemble((f" exchange-connector {title.command}", "bold"), f"  {title.place}  ")
    line.append_text(state_text(moment.board.state))
    line.append(f"  {moment.rate:.0f} events/s  {moment.elapsed:.0f} s", QUIET)
    line.truncate(500, overflow="ellipsis")
    return line


def _footer(moment: Moment) -> Text:
    line = Text.assemble(" ", (moment.note, NEWS), "  " if moment.note else "", overflow="ellipsis")
    return line.append(f"{moment.board.counts()}  Ctrl-C ends", QUIET)
