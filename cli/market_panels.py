"""The parts of the screen that show the market."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ..messages import PriceLevel, Side
from .board import Board
from .colours import DOWN, QUIET, UP, tint
from .figures import bar, path, price, quantity


def prices(board: Board, symbols: Sequence[str], rows: int, path_width: int) -> Table:
    """Of each symbol: last price, best bid and ask, change within 24 hours, the last trades."""
    table = Table.grid(padding=(0, 1), expand=True)
    heads = ["", "last", "bid", "ask", "24 h", *(["last trades"] if path_width else [])]
    for head in heads:
        table.add_column(justify="right" if head else "left", no_wrap=True)
    table.add_row(*(Text(head, QUIET) for head in heads))
    shown = symbols if len(symbols) <= rows else symbols[: max(0, rows - 1)]
    for symbol in shown:
        last = Text(path(board.paths.get(symbol, ()), path_width), QUIET)
        table.add_row(*_price_row(board, symbol), *([last] if path_width else []))
    if len(shown) < len(symbols):
        table.add_row(Text(f"+ {len(symbols) - len(shown)} more", QUIET))
    return table


def _price_row(board: Board, symbol: str) -> list[RenderableType]:
    if f"trades:{symbol}" in board.refused:
        return [Text(symbol, "bold"), Text("refused", DOWN), "", "", ""]
    top, ticker = board.tops.get(symbol), board.tickers.get(symbol)
    change = ticker.price_change_percent if ticker is not None else None
    decimals = board.places.get(symbol, 0)
    return [
        Text(symbol, "bold"),
        _last(board.paths.get(symbol, ()), decimals),
        price(top.bid_price, decimals) if top is not None else "",
        price(top.ask_price, decimals) if top is not None else "",
        Text(f"{change:+.2f}%", tint(change)) if change is not None else "",
    ]


def _last(trades: Sequence[Decimal], decimals: int) -> Text:
    if not trades:
        return Text("")
    change = trades[-1] - trades[-2] if len(trades) > 1 else Decimal(0)
    arrow = " ▲" if change > 0 else " ▼" if change < 0 else "  "
    return Text(price(trades[-1], decimals) + arrow, tint(change))


def order_book(board: Board, symbol: str, levels: int, width: int) -> RenderableType:
    """The asks above the bids, each level with a bar of its quantity."""
    book = board.books.get(symbol)
    if f"order_book:{symbol}" in board.refused:
        return Text("refused", DOWN)
    if book is None or not (book.bids and book.asks):
        return Text("not known yet", QUIET)
    asks, bids = book.asks[:levels], book.bids[:levels]
    decimals = board.places.get(symbol, 0)
    most = max(level.quantity for level in (*asks, *bids))
    texts = [_level(level, decimals) for level in (*reversed(asks), *bids)]
    bar_width = max(1, width - max(len(left) + len(right) for left, right in texts) - 2)
    table = Table.grid(padding=(0, 1))
    for justify in ("right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for (left, right), level in zip(texts[: len(asks)], reversed(asks), strict=True):
        table.add_row(Text(left, DOWN), right, Text(_bar(level, most, bar_width), DOWN))
    spread = price(asks[0].price - bids[0].price, decimals)
    table.add_row(Text(spread, QUIET), Text("spread", QUIET), "")
    for (left, right), level in zip(texts[len(asks) :], bids, strict=True):
        table.add_row(Text(left, UP), right, Text(_bar(level, most, bar_width), UP))
    return table


def _level(level: PriceLevel, decimals: int) -> tuple[str, str]:
    return price(level.price, decimals), quantity(level.quantity)


def _bar(level: PriceLevel, most: Decimal, width: int) -> str:
    return bar(float(level.quantity / most) if most else 0.0, width)


def trades(board: Board, symbol: str, rows: int, *, is_wide: bool) -> Table:
    """The last trades, newest first; the arrow is the taker's side, the time is UTC."""
    table = Table.grid(padding=(0, 1))
    for justify in ("left", "right", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    decimals = board.places.get(symbol, 0)
    for trade in board.trades.get(symbol, ())[: max(0, rows)]:
        is_buy = trade.taker_side == Side.BUY
        style = UP if is_buy else DOWN
        table.add_row(
            Text(("▲" if is_buy else "▼") + (f" {trade.taker_side}" if is_wide else ""), style),
            Text(price(trade.price, decimals), style),
            quantity(trade.quantity),
            Text(_clock(trade.trade_time), QUIET) if is_wide else "",
        )
    return table


def _clock(instant: int) -> str:
    return datetime.fromtimestamp(instant // 1_000_000_000, UTC).strftime("%H:%M:%S")
