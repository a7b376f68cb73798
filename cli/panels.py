"""The parts of the demo's screen. Colours are the terminal's own, and never the only sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..messages import ComponentHealth, HealthState, PriceLevel, Side
from .board import Board
from .figures import bar, path, price, quantity
from .story import Tone, merged

UP, DOWN, NEWS, QUIET = "green", "red", "magenta", "dim"

_MARKS = {
    HealthState.LIVE: ("●", UP),
    HealthState.SUSPECT: ("◐", NEWS),
    HealthState.STALE: ("◐", NEWS),
    HealthState.RESYNCING: ("◌", NEWS),
    HealthState.DOWN: ("○", DOWN),
}
_TONES = {Tone.PLAIN: "", Tone.GOOD: UP, Tone.BAD: DOWN, Tone.DEMO: f"bold {NEWS}"}
_MOST_SUBJECTS = 2


def state_text(state: HealthState) -> Text:
    """A state with its mark."""
    mark, style = _MARKS[state]
    return Text(f"{mark} {state}", style)


def prices(board: Board, symbols: Iterable[str], path_width: int) -> Table:
    """Of each symbol: last price, best bid and ask, change within 24 hours, the last trades."""
    table = Table.grid(padding=(0, 1), expand=True)
    heads = ["", "last", "bid", "ask", "24 h", *(["last trades"] if path_width else [])]
    for head in heads:
        table.add_column(justify="right" if head else "left", no_wrap=True)
    table.add_row(*(Text(head, QUIET) for head in heads))
    for symbol in symbols:
        trades = board.paths.get(symbol, ())
        top, ticker = board.tops.get(symbol), board.tickers.get(symbol)
        change = ticker.price_change_percent if ticker is not None else None
        row: list[RenderableType] = [
            Text(symbol, "bold"),
            _last(trades),
            price(top.bid_price) if top is not None else "",
            price(top.ask_price) if top is not None else "",
            Text(f"{change:+.2f}%", _tint(change)) if change is not None else "",
        ]
        table.add_row(*row, *([Text(path(trades, path_width), QUIET)] if path_width else []))
    return table


def _last(trades: Sequence[Decimal]) -> Text:
    if not trades:
        return Text("")
    change = trades[-1] - trades[-2] if len(trades) > 1 else Decimal(0)
    arrow = " ▲" if change > 0 else " ▼" if change < 0 else "  "
    return Text(price(trades[-1]) + arrow, _tint(change))


def _tint(change: Decimal) -> str:
    return UP if change > 0 else DOWN if change < 0 else ""


def order_book(board: Board, levels: int, bar_width: int) -> RenderableType:
    """The asks above the bids, each level with a bar of its quantity."""
    book = board.book
    if book is None or not book.bids or not book.asks:
        return Text("not known yet", QUIET)
    asks, bids = book.asks[:levels], book.bids[:levels]
    most = max(level.quantity for level in (*asks, *bids))
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for level in reversed(asks):
        table.add_row(*_level(level, most, bar_width, DOWN))
    spread = f"{asks[0].price - bids[0].price:.2f}"
    table.add_row(Text(spread, QUIET), Text("spread", QUIET), "")
    for level in bids:
        table.add_row(*_level(level, most, bar_width, UP))
    return table


def _level(level: PriceLevel, most: Decimal, width: int, style: str) -> tuple[Text, str, Text]:
    share = float(level.quantity / most) if most else 0.0
    drawn = Text(bar(share, width), style)
    return Text(price(level.price), style), quantity(level.quantity), drawn


def trades(board: Board, rows: int, *, is_wide: bool) -> Table:
    """The last trades, newest first; the arrow is the taker's side."""
    table = Table.grid(padding=(0, 1))
    for justify in ("left", "left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    for trade in board.trades[:rows]:
        is_buy = trade.taker_side == Side.BUY
        style = UP if is_buy else DOWN
        table.add_row(
            Text(("▲" if is_buy else "▼") + (f" {trade.taker_side}" if is_wide else ""), style),
            trade.symbol.removesuffix("USDT"),
            Text(price(trade.price), style),
            quantity(trade.quantity),
        )
    return table


def health(board: Board, *, is_wide: bool) -> RenderableType:
    """Actors on the left, streams on the right; restarts where there were any.

    An actor that keeps a session is shown with the session's state while that is down.
    """
    if board.health is None:
        return Text("starting", QUIET)
    down = {k: v for k, v in board.health.sessions.items() if v.state is not HealthState.LIVE}
    left = _states({**board.health.components, **down}, is_wide)
    right = _states(board.health.streams, is_wide)
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_row(Group(*left), Group(*right))
    return table


def _states(parts: Mapping[str, ComponentHealth], is_wide: bool) -> list[Text]:
    lines: list[Text] = []
    for name, part in parts.items():
        mark, style = _MARKS[part.state]
        line = Text.assemble((mark, style), f" {name}")
        if is_wide or part.state is not HealthState.LIVE:
            line.append(f" {part.state}", style)
        if part.restarts:
            line.append(f" x{part.restarts}", NEWS)
        if is_wide and part.cause:
            line.append(f" {part.cause}", QUIET)
        lines.append(line)
    return lines


def log(board: Board, rows: int) -> Table:
    """The newest lines of the connector's life, those that say the same of several made one."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", no_wrap=True, width=6)
    table.add_column(no_wrap=True, ratio=1)
    for entry in merged(board.story)[-rows:] if rows > 0 else ():
        elapsed, words = (entry.at - board.started) / 1e9, entry.words
        line = Text.assemble((words.kind, _TONES[words.tone]), overflow="ellipsis")
        line.append(f" {_subjects(entry.subjects)}" if entry.subjects else "")
        is_own = words.tone is Tone.DEMO
        line.append(f" {words.text}" if words.text else "", _TONES[Tone.DEMO] if is_own else QUIET)
        table.add_row(Text(f"{elapsed:.2f}", QUIET), line)
    return table


def _subjects(subjects: tuple[str, ...]) -> str:
    if len(subjects) <= _MOST_SUBJECTS:
        return ", ".join(subjects)
    return f"{subjects[0]} +{len(subjects) - 1}"
