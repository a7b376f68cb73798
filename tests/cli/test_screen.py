"""The screen, drawn without a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len
from rich.console import Console

from exchange_connector import (
    BookTicker,
    ComponentHealth,
    Disconnected,
    Health,
    HealthChanged,
    HealthState,
    OrderBook,
    PriceLevel,
    Side,
    Ticker,
    Trade,
)
from exchange_connector.cli.board import Board
from exchange_connector.cli.figures import bar, path, price, quantity
from exchange_connector.cli.plain import PlainView
from exchange_connector.cli.screen import render
from exchange_connector.cli.views import Moment

B, SYMBOLS = "binance", ("BTCUSDT", "ETHUSDT")
STREAMS = [f"{name}:{symbol}" for symbol in SYMBOLS for name in ("ticker", "book_ticker", "trades")]


def filled() -> Board:
    """A board with something everywhere."""
    levels = [PriceLevel(Decimal(67_000 + n), Decimal(n) / 7) for n in range(1, 21)]
    book = OrderBook(B, "BTCUSDT", 1, 1, 5, tuple(reversed(levels[:10])), tuple(levels[10:]))
    down = HealthState.DOWN
    board = Board(started=0)
    for symbol in SYMBOLS:
        for n in range(30):
            side = Side.BUY if n % 2 else Side.SELL
            amount = Decimal(n * 3_000) + Decimal("0.5")
            trade = Trade(B, symbol, 1, 1, str(n), Decimal(67_000 + n % 3), amount, side, 1)
            board = board.after(trade, n)
        board = board.after(BookTicker(B, symbol, 1, 1, 1, *[Decimal("67001.25")] * 4), 31)
        ticker = Ticker(B, symbol, 1, 1, Decimal(1), price_change_percent=Decimal("-1.5"))
        board = board.after(ticker, 32)
    for name in STREAMS:
        cause = "connection lost: [Errno 104] Connection reset by peer"
        board = board.after(HealthChanged(B, name, down, cause, 0), 33)
    board = board.after(Disconnected(B, "reset", "session-0"), 34).after(book, 35)
    parts: list[str] = ["breaker", "rest", "clock", "registry", "session-0"]
    live = ComponentHealth(HealthState.LIVE, "", 0, restarts=1)
    lost = ComponentHealth(down, "connection lost", 0)
    streams = dict.fromkeys([*STREAMS, "order_book:BTCUSDT"], lost)
    components = dict.fromkeys(parts, live)
    return replace(board, health=Health(down, components, {"session-0": lost}, streams, 7, 1, 6000))


def drawn(board: Board, width: int, height: int) -> list[str]:
    """The screen's lines, without colours."""
    file = io.StringIO()
    console = Console(file=file, width=width, height=height, force_terminal=True, color_system=None)
    moment = Moment(board, elapsed=12.3, rate=99.6, note="the link is cut")
    console.print(render(moment, SYMBOLS, width, height), end="")
    return file.getvalue().splitlines()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (100, 30)])
def test_everything_is_to_be_seen(size: tuple[int, int]) -> None:
    """The screen is filled exactly, and nothing that matters is cut off."""
    width, height = size
    lines = drawn(filled(), width, height)
    assert len(lines) == height
    assert {cell_len(line) for line in lines} == {width}
    text = "\n".join(lines)
    assert text.count("67,001.25") == 4  # nothing of a row of prices is cut off
    for expected in (
        "○ DOWN",
        "100 events/s",
        "the link is cut",
        "67,002.00 ▲",
        "-1.50%",
        "● breaker",
        "○ session-0 DOWN",
        "○ order_book:BTCUSDT DOWN",
        "○ book_ticker:ETHUSDT DOWN",
        "Disconnected session-0 reset",
        "HealthChanged ticker:BTCUSDT +5 DOWN",
        "spread",
        "67,011.00",
        "67,010.00",
        "█",
        "▲",
        "▼",
    ):
        assert expected in text, f"{expected!r} is missing of\n{text}"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_an_empty_board_is_drawn(size: tuple[int, int]) -> None:
    """Before anything has come."""
    lines = drawn(Board(started=0), *size)
    assert len(lines) == size[1]
    assert "not known yet" in "\n".join(lines)


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (40, 10), (79, 12), (500, 5)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    """A terminal may be made as small as one likes."""
    assert drawn(filled(), *size) is not None


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of the story once, and the prices every second."""
    view, board = PlainView(), filled()
    for elapsed in (0.5, 0.9, 1.0, 1.5, 2.1):
        view.show(Moment(board, elapsed, 99.6, ""))
    lines = capsys.readouterr().out.splitlines()
    assert sum("HealthChanged" in line for line in lines) == len(STREAMS)
    assert sum(" prices " in line for line in lines) == 2
    assert lines[-1] == (
        "[  2.100] prices BTCUSDT bid 67,001.25 x 67001.2 ask 67,001.25 x 67001.2; "
        "ETHUSDT bid 67,001.25 x 67001.2 ask 67,001.25 x 67001.2; 0/7 streams LIVE, 100 events/s"
    )


def test_figures() -> None:
    """Numbers in few columns."""
    assert price(Decimal("67000.10000000")) == "67,000.10"
    assert price(Decimal("0.05213")) == "0.05213000"
    assert [quantity(Decimal(text)) for text in ("0.123456", "12.5", "87000.5")] == [
        "0.12346",
        "12.5000",
        "87000.5",
    ]
    assert [bar(share, 3) for share in (-1, 0, 0.5, 1, 2)] == ["   ", "   ", "█▌ ", "███", "███"]
    assert path([Decimal(n) for n in (1, 2, 3, 3)], 3) == "▁██"
    assert path([Decimal(1)] * 2, 3) == "▁▁"
    assert path([], 3) == ""
