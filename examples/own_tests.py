"""The exchange in a box in your own tests: your bot, a simulated exchange, and what goes wrong.

The fixtures `simulated_exchange` and `simulated_connector` come with the package.

Run it: python examples/own_tests.py   (in a project of your own: python -m pytest)
"""

from __future__ import annotations

import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pykka
import pytest

from exchange_connector import Event, StreamGap, Trade
from exchange_connector.simulator import SimulatedExchange

pytestmark = pytest.mark.simulated_exchange(seed=7, rate=50.0)


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
def volume(simulated_connector: pykka.ActorProxy[Any]) -> Volume:
    """What is under test, subscribed."""
    volume = Volume()
    simulated_connector.subscribe_trades("BTCUSDT", volume.on_event).get(timeout=10)
    return volume


def test_volume_grows(volume: Volume) -> None:
    """Trades add up."""
    assert volume.wait_until_traded(10)


def test_a_lost_trade_is_noticed(simulated_exchange: SimulatedExchange, volume: Volume) -> None:
    """The exchange loses one frame: ids skip, and the volume is not known any more."""
    assert volume.wait_until_traded(10)
    simulated_exchange.lose("btcusdt@trade", count=1)
    assert volume.wait_until_unknown(10)


def test_a_lost_link_is_noticed(simulated_exchange: SimulatedExchange, volume: Volume) -> None:
    """The link breaks: whatever was traded meanwhile is missing."""
    assert volume.wait_until_traded(10)
    simulated_exchange.cut()
    assert volume.wait_until_unknown(10)


if __name__ == "__main__":
    # This checkout is itself a package; pytest should not look for it above this folder.
    here = Path(__file__).resolve().parent
    options = ["-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    options += [f"--rootdir={here}", f"--confcutdir={here}", __file__]
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", *options]))
