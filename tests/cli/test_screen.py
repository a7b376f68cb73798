"""The screen, drawn without a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions

from exchange_connector import (
    BookTicker,
    ComponentHealth,
    Disconnected,
    Health,
    HealthChanged,
    HealthState,
    OrderBook,
    PriceLevel,
    RequestFailed,
    Side,
    Ticker,
    Trade,
    ValidationError,
)
from exchange_connector.cli import screen
from exchange_connector.cli.board import Board
from exchange_connector.cli.figures import age, bar, path, places, price, quantity, rate
from exchange_connector.cli.layout import Title
from exchange_connector.cli.plain import PlainView
from exchange_connector.cli.screen import ScreenView
from exchange_connector.cli.views import Moment

B, SYMBOLS = "binance", ("BTCUSDT", "ETHUSDT")
TITLE = Title("demo", "simulated exchange", SYMBOLS)
NOW = 12_300_000_000
STREAMS = [f"{name}:{symbol}" for symbol in SYMBOLS for name in ("ticker", "book_ticker", "trades")]
LAST = STREAMS[-1]


def at(number: int) -> int:
    """When the `number`th message came: they end shortly before `NOW`."""
    return NOW - (36 - number) * 50_000_000


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
            board = board.after(trade, at(n))
        board = board.after(BookTicker(B, symbol, 1, 1, 1, *[Decimal("67001.25")] * 4), at(31))
        ticker = Ticker(B, symbol, 1, 1, Decimal(1), price_change_percent=Decimal("-1.5"))
        board = board.after(ticker, at(32))
    for name in STREAMS:
        cause = "connection lost: [Errno 104] Connection reset by peer"
        board = board.after(HealthChanged(B, name, down, cause, 0), at(33))
    board = board.after(Disconnected(B, "reset", "session-0"), at(34)).after(book, at(35))
    parts: list[str] = ["breaker", "rest", "clock", "registry", "session-0"]
    live = ComponentHealth(HealthState.LIVE, "", 0, restarts=1)
    lost = ComponentHealth(down, "connection lost", 0)
    streams = dict.fromkeys([*STREAMS, "order_book:BTCUSDT"], lost)
    components = dict.fromkeys(parts, live)
    return replace(board, health=Health(down, components, {"session-0": lost}, streams, 7, 1, 6000))


def terminal(width: int, height: int) -> Console:
    """A terminal without colours, whose `file` holds what was written to it."""
    file = io.StringIO()
    return Console(file=file, width=width, height=height, force_terminal=True, color_system=None)


def drawn(board: Board, width: int, height: int, title: Title = TITLE) -> list[str]:
    """The screen's lines, without colours."""
    console = terminal(width, height)
    moment = Moment(board, NOW, note="the link is cut")
    lines = screen.drawn(console, moment, title, console.size)
    return ["".join(segment.text for segment in line) for line in lines]


def written(console: Console) -> str:
    """What was written to it since the last look."""
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    console.file.seek(0)
    console.file.truncate()
    return text


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
        "44 events/s",
        "12 s",
        "the link is cut",
        "67,002.00 ▲",
        "-1.50%",
        "● breaker",
        "○ session-0 DOWN",
        "○ book_ticker:ETHUSDT",
        "Disconnected session-0 reset",
        "HealthChanged ticker:BTCUSDT +5 DOWN",
        "order book BTCUSDT ○ DOWN",
        "trades BTCUSDT ○ DOWN",
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


def test_only_what_has_changed_is_sent() -> None:
    """A line that stays as it was is not sent again, but for every five seconds."""
    console, board = terminal(80, 24), filled()
    with ScreenView(console, TITLE) as view:
        view.show(Moment(board, NOW, "first"))
        everything = written(console)
        view.show(Moment(board, NOW, "first"))
        assert written(console) == ""
        view.show(Moment(board, NOW, "second"))
        changed = written(console)
        assert "second" in changed
        assert "prices" not in changed
        view.show(Moment(board, NOW + 5_000_000_000, "second"))
        assert "prices" in written(console)
    assert "prices" in everything


def test_a_new_size_is_drawn_anew() -> None:
    """The old screen is cleared first."""
    console, board = terminal(80, 24), filled()
    with ScreenView(console, TITLE) as view:
        view.show(Moment(board, NOW))
        written(console)
        console.size = ConsoleDimensions(100, 30)
        view.show(Moment(board, NOW))
        text = written(console)
    assert text.startswith("\x1b[2J")
    assert "prices" in text


def test_more_symbols_than_there_is_room_for() -> None:
    """The first ones are shown, and how many are left out; streams in trouble come first."""
    board = filled()
    assert board.health is not None
    live = ComponentHealth(HealthState.LIVE, "", 0)
    streams = {f"trades:{n}": live for n in range(40)} | {"trades:LOST": board.health.streams[LAST]}
    board = replace(board, health=msgspec.structs.replace(board.health, streams=streams))
    title = replace(TITLE, symbols=(*SYMBOLS, *(f"SYM{n}" for n in range(40))))
    text = "\n".join(drawn(board, 80, 24, title))
    assert text.count(" more ") == 2
    assert "+ 36 more" in text
    assert "○ trades:LOST" in text


def test_what_was_refused_is_said() -> None:
    """In the place where it would stand."""
    error = ValidationError("symbol", "BTCUSDT", "not listed")
    board = Board(started=0)
    for stream in ("trades:BTCUSDT", "order_book:BTCUSDT"):
        board = board.after(RequestFailed(request_id=stream, error=error), 0)
    assert "\n".join(drawn(board, 80, 24)).count("refused") == 2


def test_cheap_coins_have_all_their_digits() -> None:
    """A book whose levels differ in the eighth decimal shows eight."""
    levels = tuple(PriceLevel(Decimal(f"0.0000123{n}"), Decimal(100)) for n in range(8))
    book = OrderBook(B, "BTCUSDT", 1, 1, 5, tuple(reversed(levels[:4])), levels[4:])
    text = "\n".join(drawn(Board(started=0).after(book, 0), 80, 24))
    assert all(f"0.0000123{n}" in text for n in range(8))
    assert "0.00000001 spread" in " ".join(text.split())


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of the story once, and the prices every second."""
    started = NOW - 2_100_000_000
    view, board = PlainView(), replace(filled(), started=started)
    for tenth in (5, 9, 10, 15, 21):
        view.show(Moment(board, started + tenth * 100_000_000))
    lines = capsys.readouterr().out.splitlines()
    assert sum("HealthChanged" in line for line in lines) == len(STREAMS)
    assert sum(" prices " in line for line in lines) == 2
    assert lines[-1] == (
        "[  2.100] prices BTCUSDT bid 67,001.25 x 67001.2 ask 67,001.25 x 67001.2; "
        "ETHUSDT bid 67,001.25 x 67001.2 ask 67,001.25 x 67001.2; 0/7 streams LIVE, 44 events/s"
    )


def test_figures() -> None:
    """Numbers in few columns."""
    assert price(Decimal("67000.10000000")) == "67,000.10"
    assert price(Decimal("0.05213000"), places(Decimal("0.05213000"))) == "0.05213"
    assert [age(value) for value in (0.25, 12.4, 99.4, 200.0, 7200.0)] == [
        "0.2 s",
        "12 s",
        "99 s",
        "3 min",
        "2 h",
    ]
    assert [rate(value) for value in (0.0, 0.25, 12.4)] == ["0/s", "0.2/s", "12/s"]
    assert [quantity(Decimal(text)) for text in ("0.123456", "12.5", "87000.5")] == [
        "0.12346",
        "12.5000",
        "87000.5",
    ]
    assert [bar(share, 3) for share in (-1, 0, 0.5, 1, 2)] == ["   ", "   ", "█▌ ", "███", "███"]
    assert path([Decimal(n) for n in (1, 2, 3, 3)], 3) == "▁██"
    assert path([Decimal(1)] * 2, 3) == "▁▁"
    assert path([], 3) == ""
