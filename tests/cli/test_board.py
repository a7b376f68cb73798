"""The board: what each message makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from exchange_connector import (
    BookTicker,
    ComponentHealth,
    Connected,
    Disconnected,
    Event,
    Health,
    HealthChanged,
    HealthState,
    Replied,
    Side,
    Stopped,
    StreamGap,
    Trade,
)
from exchange_connector.cli.board import Board
from exchange_connector.cli.story import LinkCut, LinkRestored

SECOND = 1_000_000_000
TRADE = Trade("binance", "BTCUSDT", 1, 2, "7", Decimal("2.5"), Decimal(1), Side.BUY, 1)
GAP = StreamGap("binance", "BTCUSDT", 1, 1, "trades", "disconnected")
LOST = Disconnected("binance", "reset", "session-0")


def changed(subject: str, state: HealthState) -> HealthChanged:
    """A change of health."""
    return HealthChanged("binance", subject, state, "", 0)


def told(*messages: object) -> Board:
    """The board after messages that came one second apart."""
    board = Board(started=0)
    for number, message in enumerate(messages):
        board = board.after(message, number * SECOND)
    return board


def health(make: Callable[[str], HealthState], names: Iterable[str]) -> Health:
    """Health with these streams."""
    streams = {name: ComponentHealth(make(name), "", 0) for name in names}
    live = ComponentHealth(HealthState.LIVE, "", 0)
    return Health(HealthState.LIVE, {"session-0": live}, {"session-0": live}, streams, 2, 0, 0)


def test_market_data_is_kept() -> None:
    """The newest of each symbol, the last trades, and a count of everything."""
    top = BookTicker("binance", "BTCUSDT", 1, 2, 9, *([Decimal(1)] * 4))
    other: Event = Trade("binance", "ETHUSDT", 1, 2, "8", Decimal(3), Decimal(1), Side.SELL, 1)
    board = told(TRADE, other, top, TRADE)
    assert board.events == 4
    assert [trade.symbol for trade in board.trades] == ["BTCUSDT", "ETHUSDT", "BTCUSDT"]
    assert board.paths == {"BTCUSDT": (Decimal("2.5"),) * 2, "ETHUSDT": (Decimal(3),)}
    assert board.tops == {"BTCUSDT": top}
    assert board.story == ()


def test_what_is_kept_is_bounded() -> None:
    """However long the demo runs."""
    board = told(*[TRADE] * 500, *[GAP] * 500)
    assert len(board.trades) == 40
    assert len(board.paths["BTCUSDT"]) == 40
    assert len(board.story) == 400
    assert board.told == 500
    assert board.story[-1].number == 499


def test_a_cut_that_is_survived() -> None:
    """It counts once the loss was noticed and the connector is LIVE again."""
    live, down = (changed("connector", state) for state in (HealthState.LIVE, HealthState.DOWN))
    up = Connected("binance", "session-0")
    board = told(LinkCut(), live)
    assert (board.cuts, board.survived) == (1, 0)
    board = told(LinkCut(), LOST, GAP, down, LinkRestored(), up, live, live)
    assert (board.cuts, board.survived, board.gaps) == (1, 1, 1)
    texts = [line.words.text for line in board.story]
    assert "everything is LIVE again, 6.00 s later" in texts


def test_a_loss_that_is_not_the_demos_is_no_cut() -> None:
    """Only what the demo has cut can be survived."""
    board = told(LOST, changed("connector", HealthState.LIVE))
    assert (board.cuts, board.survived) == (0, 0)


def test_health_follows_the_changes() -> None:
    """Between two questions the changes are applied; a session goes before its actor."""
    start = health(lambda _: HealthState.LIVE, ["trades:BTCUSDT", "ticker:BTCUSDT"])
    board = told(
        changed("connector", HealthState.DOWN),
        Replied(request_id=None, reply=start),
        changed("trades:BTCUSDT", HealthState.DOWN),
        changed("session-0", HealthState.DOWN),
        changed("connector", HealthState.DOWN),
        changed("nobody", HealthState.DOWN),
    )
    assert board.health is not None
    assert board.state is HealthState.DOWN
    assert board.subscriptions() == (1, 2)
    assert board.health.sessions["session-0"].state is HealthState.DOWN
    assert board.health.components["session-0"].state is HealthState.LIVE


def test_the_summary() -> None:
    """One line of what there was."""
    start = health(lambda _: HealthState.LIVE, ["trades:BTCUSDT"])
    board = told(TRADE, GAP, Replied(request_id=None, reply=start), Stopped("binance"))
    assert board.summary() == (
        "3 events received, 0 of 0 cuts survived, 1 gaps told, 1 of 1 subscriptions alive"
    )
    assert board.is_stopped
