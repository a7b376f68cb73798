"""A board in lines of plain text, for pipes and build servers."""

from __future__ import annotations

from .board import Board
from .figures import price, quantity
from .story import Line
from .views import Moment


class PlainView:
    """Prints each event of the connector's life, and the prices every second."""

    def __init__(self) -> None:
        self._next_line = 0
        self._next_prices = 1.0

    def show(self, moment: Moment) -> None:
        """Print what is new."""
        board = moment.board
        for line in board.story:
            if line.number >= self._next_line:
                print(event_line(board, line))
        self._next_line = board.told
        if moment.elapsed >= self._next_prices:
            self._next_prices = float(int(moment.elapsed) + 1)
            print(price_line(moment))
        print(end="", flush=True)


def event_line(board: Board, line: Line) -> str:
    """One event in a line."""
    elapsed, words = (line.at - board.started) / 1e9, line.words
    parts = (part for part in (words.kind, words.subject, words.text) if part)
    return f"[{elapsed:7.3f}] " + " ".join(parts)


def price_line(moment: Moment) -> str:
    """The market in a line."""
    board = moment.board
    parts: list[str] = []
    for symbol, top in board.tops.items():
        decimals = board.places.get(symbol, 0)
        bid = f"{price(top.bid_price, decimals)} x {quantity(top.bid_quantity)}"
        ask = f"{price(top.ask_price, decimals)} x {quantity(top.ask_quantity)}"
        parts.append(f"{symbol} bid {bid} ask {ask}")
    alive, wanted = board.subscriptions()
    parts.append(f"{alive}/{wanted} streams LIVE, {moment.rate:.0f} events/s")
    return f"[{moment.elapsed:7.3f}] prices " + "; ".join(parts)
