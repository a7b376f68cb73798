"""Another market of an exchange, as a driver of its own: here the simulated one by another name."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    Config,
    ConfigurationError,
    ConnectorActor,
    ExchangeConfig,
    GetHealth,
    Trade,
    ask,
)
from exchange_connector.cli import run
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS


@pytest.fixture
def linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Binance has a market `linear`, too."""
    driver = dataclasses.replace(DRIVERS["binance", "spot"], market="linear")
    monkeypatch.setitem(DRIVERS, ("binance", "linear"), driver)


@pytest.fixture
def start_in(exchange: SimulatedExchange) -> Iterator[Callable[..., Any]]:
    """Starts a connector to a market of the exchange, and stops it in the end."""
    refs: list[Any] = []

    def started(market: str, **recorder: Any) -> Any:
        builder = Config.builder().exchange(
            "binance", market=market, rest_url=exchange.rest_url, stream_url=exchange.stream_url
        )
        refs.append(ConnectorActor.start(builder.recorder(**recorder).build()))
        refs[-1].proxy().ready().get(timeout=10)
        return refs[-1]

    yield started
    for ref in refs:
        ref.stop(timeout=10)


def test_a_market_that_the_exchange_lacks() -> None:
    """Is told at the start, with those that there are."""
    with pytest.raises(ConfigurationError) as caught:
        ConnectorActor.start(Config(ExchangeConfig("binance", market="linear")))
    (error,) = caught.value.errors
    assert (error.field, error.value) == ("exchange.market", "linear")
    assert error.reason == "is not there: binance has spot"


@pytest.mark.usefixtures("linear")
def test_two_markets_share_one_budget(
    exchange: SimulatedExchange, start_in: Callable[..., Any]
) -> None:
    """Their host counts them together, and so does each of them."""
    spot, linear = start_in("spot"), start_in("linear")
    for ref in (spot, linear):
        ref.proxy().order_book("BTCUSDT", 5000).get(timeout=10)
    used = [ask(ref, GetHealth()).weight_used for ref in (spot, linear)]
    assert min(used) >= 500
    assert min(used) >= sum(
        each.weight for each in exchange.requests if each.path.endswith("depth")
    )


@pytest.mark.usefixtures("linear")
def test_a_recording_says_of_which_market_it_is(
    start_in: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """So that it is replayed by that one's driver, and by no other."""
    connector, trades = start_in("linear", enabled=True).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade, 5)
    path = tmp_path / "recording.jsonl"
    connector.save_recording(str(path)).get(timeout=5)
    header, *rest = path.read_text("utf-8").splitlines()
    assert json.loads(header)["market"] == "linear"
    assert run(["replay", str(path)]) == 0

    monkeypatch.delitem(DRIVERS, ("binance", "linear"))
    assert run(["replay", str(path)]) == 2
    assert "(market 'linear') is not supported" in capsys.readouterr().err

    old = {name: value for name, value in json.loads(header).items() if name != "market"}
    old["config"]["exchange"].pop("market")
    path.write_text("\n".join([json.dumps(old), *rest]), "utf-8")
    assert run(["replay", str(path)]) == 0


def test_what_cannot_be_replayed_is_said(
    start_in: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The stage on which a recording is played speaks as an exchange that lists streams."""
    path = tmp_path / "recording.jsonl"
    start_in("spot", enabled=True).proxy().save_recording(str(path)).get(timeout=5)
    driver = DRIVERS["binance", "spot"]
    other = dataclasses.replace(driver, list_command=None, ping_command=driver.list_command)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), other)
    assert run(["replay", str(path)]) == 2
    assert "of binance cannot be replayed yet" in capsys.readouterr().err
