"""The board: what each message makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from exchange_connector import (
    BookTicker,
    ComponentHealth,
    Connected,
    Disconnected,
    Event,
    Health,
    HealthChanged,
    HealthState,
    NotRunningError,
    Replied,
    RequestFailed,
    Side,
    Stopped,
    StreamGap,
    Subscription,
    Trade,
    ValidationError,
)
from exchange_connector.cli.board import Board
from exchange_connector.cli.story import LinkCut, LinkRestored

SECOND = 1_000_000_000
TRADE = Trade("binance", "BTCUSDT", 1, 2, "7", Decimal("2.5"), Decimal(1), Side.BUY, 1)
GAP = StreamGap("binance", "BTCUSDT", 1, 1, "trades", "disconnected")
UNKNOWN = ValidationError("symbol", "X", "not listed")
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
    assert board.trades == {"BTCUSDT": (TRADE, TRADE), "ETHUSDT": (other,)}
    assert board.paths == {"BTCUSDT": (Decimal("2.5"),) * 2, "ETHUSDT": (Decimal(3),)}
    assert board.tops == {"BTCUSDT": top}
    assert board.story == ()


def test_what_is_kept_is_bounded() -> None:
    """However long it runs."""
    board = told(*[TRADE] * 500, *[GAP] * 500)
    assert len(board.trades["BTCUSDT"]) == 40
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
    """One line of what there was; of cuts where there were any."""
    start = health(lambda _: HealthState.LIVE, ["trades:BTCUSDT"])
    board = told(TRADE, GAP, Replied(request_id=None, reply=start), Stopped("binance"))
    assert board.summary() == "3 events received, 1 gap told, 1 of 1 subscriptions alive"
    assert told(LinkCut()).summary() == (
        "0 events received, 0 of 1 cuts survived, 0 gaps told, 0 of 0 subscriptions alive"
    )


def test_age_and_rate_of_each_stream() -> None:
    """Market data counts, a gap or the connector's life does not."""
    board = told(TRADE, TRADE, TRADE, GAP, LOST)
    assert board.paces.keys() == {"trades:BTCUSDT"}
    pace = board.paces["trades:BTCUSDT"]
    assert pace.age(4 * SECOND) == 2.0
    assert pace.rate(2 * SECOND) == pytest.approx(1.0, abs=0.2)
    assert board.pace is not None
    assert board.pace.last == 4 * SECOND


def test_prices_get_the_decimals_that_they_need() -> None:
    """As many as any price of the symbol has had, so that columns stay as they are."""
    prices = ("0.05213000", "0.05210000", "0.05200000")
    trades = [msgspec.structs.replace(TRADE, price=Decimal(price)) for price in prices]
    assert told(*trades).places == {"BTCUSDT": 5}


def test_refusals() -> None:
    """Nothing more will come once everything that was asked for is refused."""
    confirmed = Replied(request_id="x", reply=Subscription("id-1", "trades", "BTCUSDT"))
    life = Replied(request_id="events", reply=Subscription("id-2", "events", ""))
    refusals = [RequestFailed(request_id=name, error=UNKNOWN) for name in ("trades:X", "ticker:X")]
    board = told(life, confirmed, *refusals)
    assert (board.confirmed, set(board.refused)) == (1, {"trades:X", "ticker:X"})
    assert not replace(board, asked=3).is_over
    assert replace(board, asked=2).is_over
    ending = RequestFailed(request_id="trades:X", error=NotRunningError())
    assert not told(ending).refused
    assert told(ending, Stopped("binance", "gave up")).is_over
