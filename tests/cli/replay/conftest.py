"""Connectors that record, and what a replay of their recordings says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import Config, ConnectorActor
from exchange_connector.cli import run
from exchange_connector.core import snapshot_pace
from exchange_connector.simulator import SimulatedExchange

PATIENCE = 10.0


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that trades fifty times a second."""
    with SimulatedExchange(rate=50.0) as exchange:
        yield exchange


@pytest.fixture
def start(exchange: SimulatedExchange) -> Iterator[Callable[..., Any]]:
    """Starts connectors that record, and stops them in the end."""
    refs: list[Any] = []

    def started(
        recovery: dict[str, Any] | None = None,
        health: dict[str, Any] | None = None,
        **recorder: Any,
    ) -> Any:
        rest_url, stream_url = exchange.rest_url, exchange.stream_url
        builder = Config.builder().exchange("binance", rest_url=rest_url, stream_url=stream_url)
        builder.connection(reconnect_delay=0.02, max_reconnect_wait=0.1)
        builder.recovery(**(recovery or {})).health(**(health or {}))
        refs.append(ConnectorActor.start(builder.recorder(enabled=True, **recorder).build()))
        refs[-1].proxy().ready().get(timeout=PATIENCE)
        return refs[-1]

    yield started
    for ref in refs:
        ref.stop(timeout=5)


@pytest.fixture(autouse=True)
def quick_books(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost book comes back within tenths of a second instead of seconds."""
    monkeypatch.setattr(snapshot_pace, "PACE", 0.1)


@pytest.fixture
def replay(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """Replays a file: the exit code, and the outcome."""

    def replayed(path: Path, *options: str) -> tuple[int, Any]:
        code = run(["replay", str(path), "--json", *options])
        return code, json.loads(capsys.readouterr().out)

    return replayed
