"""The rig: a proxy that swallows, a resolver and a clock that are wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from exchange_connector.campaign.clients import Client, Order, Program
from exchange_connector.campaign.faults import Burst, StepWall, Swallow, Unresolve
from exchange_connector.campaign.rig import SYMBOL, Rig
from exchange_connector.simulator.faults import Cut

WORLD = """
import json, select, socket, sys, time
sys.stdin.readline()
while not select.select([sys.stdin], [], [], 0.02)[0]:
    try:
        socket.getaddrinfo("localhost", 80)
        words = "resolved"
    except socket.gaierror as error:
        words = str(error)
    off = round(time.time() - FIRST)
    assert abs(time.time_ns() / 1e9 - time.time()) < 1
    print(json.dumps({"told": f"{words} {off}", "at": time.monotonic()}), flush=True)
"""


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A rig at work."""
    with Rig() as rig:
        yield rig


def dial(rig: Rig) -> Any:
    """A websocket with the trades."""
    return websocket.create_connection(f"{rig.stream_url}/ws/{rig.trades}", timeout=5)


def read_on(socket: Any) -> None:
    """Read until that fails."""
    while True:
        socket.recv()


def test_it_passes_everything_on(rig: Rig) -> None:
    """A reset too."""
    socket = dial(rig)
    assert '"e":"trade"' in socket.recv()
    rig.apply(Cut())
    with pytest.raises(ConnectionResetError):
        read_on(socket)
    socket.shutdown()


def test_a_connection_that_swallows(rig: Rig) -> None:
    """Nothing comes, not even an end; a new one works."""
    socket = dial(rig)
    socket.recv()
    rig.apply(Swallow())
    socket.settimeout(0.5)
    with pytest.raises(websocket.WebSocketTimeoutException):
        read_on(socket)  # what was on its way
    rig.apply(Cut())
    with pytest.raises(websocket.WebSocketTimeoutException):
        socket.recv()
    other = dial(rig)
    assert other.recv()
    other.shutdown()
    socket.shutdown()


def test_a_burst(rig: Rig) -> None:
    """So many trades at least, their ids without a gap."""
    socket = dial(rig)
    socket.recv()
    rig.apply(Burst(1_000))
    ids = [int(str(each.key)) for each in rig.said(rig.trades)]
    assert len(ids) >= 1_000
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    socket.shutdown()


def test_who_resolves_names_by_itself_is_turned_away(rig: Rig) -> None:
    """And the row has a note of it."""
    undo = rig.apply(Unresolve())
    with pytest.raises(OSError, match="reset"):
        dial(rig)
    undo()
    assert len(rig.notes) == 1
    dial(rig).shutdown()


def test_a_resolver_and_a_clock(rig: Rig, tmp_path: Path) -> None:
    """A program started by the hooks sees them as the rig wants."""
    file = tmp_path / "world.py"
    file.write_text(WORLD.replace("FIRST", repr(time.time())), "utf-8")
    order = Order(rig.rest_url, rig.stream_url, SYMBOL)
    with Client(Program("world", (str(file),), sys.executable), order, rig.controls.path) as client:

        def sees(first: str, least: int) -> bool:
            return client.wait(
                lambda heard: (
                    bool(heard.told)
                    and heard.told[-1][0].startswith(first)
                    and least <= int(heard.told[-1][0].split()[-1]) < least + 60
                ),
                10,
            )

        assert sees("resolved", 0)
        undo = rig.apply(StepWall(3_600)), rig.apply(Unresolve())
        assert sees("[Errno", 3_600)
        for each in undo:
            each()
        assert sees("resolved", 0)
