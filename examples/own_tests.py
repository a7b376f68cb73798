"""The exchange in a box in your own tests: your bot, a simulated exchange, and what goes wrong.

Run it: python examples/own_tests.py   (in a project of your own: python -m pytest)
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_connector import Config, ConnectorActor, Event, StreamGap, Trade
from exchange_connector.simulator import SimulatedExchange


class Volume:
    """What is under test: the volume of a symbol's trades, unknown once a trade was missed."""

    def __init__(self) -> None:
        self.traded: Decimal | None = Decimal(0)
        self._changed = threading.Condition()

    def on_event(self, event: Event) -> None:
        """Take one event."""
        with self._changed:
            match event:
                case Trade() if self.traded is not None:
                    self.traded += event.quantity
                case StreamGap():
                    self.traded = None
                case _:
                    pass
            self._changed.notify_all()

    def wait_until_traded(self, seconds: float) -> bool:
        """Wait for a first trade."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self.traded), seconds)

    def wait_until_unknown(self, seconds: float) -> bool:
        """Wait for a gap."""
        with self._changed:
            return self._changed.wait_for(lambda: self.traded is None, seconds)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange of its own for each test, always with the same market."""
    with SimulatedExchange(seed=7, rate=50.0) as exchange:
        yield exchange


@pytest.fixture
def volume(exchange: SimulatedExchange) -> Iterator[Volume]:
    """What is under test, connected."""
    config = (
        Config.builder()
        .exchange("binance", rest_url=exchange.rest_url, stream_url=exchange.stream_url)
        .connection(reconnect_delay=0.05, max_reconnect_wait=0.2)
        .build()
    )
    ref = ConnectorActor.start(config)
    volume = Volume()
    ref.proxy().subscribe_trades("BTCUSDT", volume.on_event).get(timeout=10)
    yield volume
    ref.stop()


def test_volume_grows(volume: Volume) -> None:
    """Trades add up."""
    assert volume.wait_until_traded(10)


def test_a_lost_trade_is_noticed(exchange: SimulatedExchange, volume: Volume) -> None:
    """The exchange loses one frame: ids skip, and the volume is not known any more."""
    assert volume.wait_until_traded(10)
    exchange.lose("btcusdt@trade", count=1)
    assert volume.wait_until_unknown(10)


def test_a_lost_link_is_noticed(exchange: SimulatedExchange, volume: Volume) -> None:
    """The link breaks: whatever was traded meanwhile is missing."""
    assert volume.wait_until_traded(10)
    exchange.cut()
    assert volume.wait_until_unknown(10)


if __name__ == "__main__":
    # This checkout is itself a package; pytest should not look for it above this folder.
    here = Path(__file__).resolve().parent
    options = ["-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*options, f"--rootdir={here}", f"--confcutdir={here}", __file__]))
