"""Starting, stopping, and the command that serves."""

from __future__ import annotations

import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Lose

Dial = Callable[[str], websocket.WebSocket]
SERVE = "from exchange_connector.simulator.serve import serve; serve(port=0, seed=9)"


def served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_stopping_ends_everything_within_a_second(dial: Dial) -> None:
    """Frozen, stalled and delayed clients included; no thread and no port stays."""
    threads = threading.active_count()
    exchange = SimulatedExchange().start()
    sockets = [dial(f"{exchange.stream_url}/ws/btcusdt@trade") for _ in range(5)]
    exchange.delay("/api/v3/ping", 30)
    waiting = threading.Thread(target=ask_in_vain, args=(exchange.rest_url,))
    waiting.start()
    assert exchange.wait_until(lambda seen: len(seen.requests) == 1)
    exchange.freeze()
    begun = time.monotonic()
    exchange.stop()
    assert time.monotonic() - begun < 1
    waiting.join(2)
    assert threading.active_count() == threads
    assert not served(exchange.port)
    for one in sockets:
        with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
            read_on(one)


def read_on(one: websocket.WebSocket) -> None:
    while True:
        one.recv()


def ask_in_vain(url: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/api/v3/ping", timeout=5)


def test_stopping_twice_and_asking_afterwards_do_no_harm() -> None:
    """The logs stay readable."""
    exchange = SimulatedExchange()
    with exchange:
        requests.get(f"{exchange.rest_url}/api/v3/ping", timeout=5)
    exchange.stop()
    assert [received.path for received in exchange.requests] == ["/api/v3/ping"]
    assert exchange.cut() == 0
    assert exchange.connections == 0


def test_a_taken_port_is_told_by_start() -> None:
    """As the operating system's own error."""
    with (
        SimulatedExchange() as exchange,
        pytest.raises(OSError, match="address already in use"),
    ):
        SimulatedExchange(port=exchange.port).start()


def test_an_exchange_may_come_back_on_its_port(dial: Dial) -> None:
    """As after an outage."""
    with SimulatedExchange() as first:
        dial(f"{first.stream_url}/ws/btcusdt@trade").recv()
    with SimulatedExchange(port=first.port) as second:
        assert second.port == first.port
        dial(f"{second.stream_url}/ws/btcusdt@trade").recv()


def test_two_exchanges_know_nothing_of_each_other() -> None:
    """Ports, weights and markets are their own; the same seed gives the same key."""
    with SimulatedExchange(seed=1) as one, SimulatedExchange(seed=1, symbols=["solusdt"]) as two:
        requests.get(f"{one.rest_url}/api/v3/exchangeInfo", timeout=5)
        assert (one.used_weight, two.used_weight) == (20, 0)
        assert one.api_key == two.api_key != SimulatedExchange(seed=2).api_key
        book = requests.get(f"{two.rest_url}/api/v3/depth?symbol=SOLUSDT", timeout=5)
        assert book.ok


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"speed": -1}, {"symbols": ["a b"]}])
def test_nonsense_is_refused_at_once(wrong: dict[str, object]) -> None:
    """Before anything is started."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SimulatedExchange(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_command_prints_its_addresses_and_ends_cleanly(number: signal.Signals) -> None:
    """One JSON line first; exit code 0 and nothing on stderr after the signal."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert list(told) == ["rest_url", "stream_url", "ws_api_url", "api_key", "api_secret"]
        assert requests.get(f"{told['rest_url']}/api/v3/time", timeout=5).ok
        process.send_signal(number)
        rest, errors = process.communicate(timeout=5)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, rest, errors) == (0, "", "")


def test_without_aiohttp_the_import_names_the_extra(tmp_path: Path) -> None:
    """A plain installation says what to install."""
    (tmp_path / "aiohttp.py").write_text("raise ImportError('not here')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import exchange_connector.simulator"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 1
    assert "exchange-connector[simulator]" in run.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"symbols": "BTCUSDT"}, TypeError),
        ({"symbols": ()}, ValueError),
        ({"symbols": ("btcusdt", "BTCUSDT")}, ValueError),
        ({"rate": float("nan")}, ValueError),
        ({"rate": 1e12}, ValueError),
        ({"start_time": 1e15}, ValueError),
        ({"ping_interval": 0}, ValueError),
        ({"max_weight": 0}, ValueError),
        ({"max_dials": -1}, ValueError),
        ({"port": 70_000}, ValueError),
        ({"exchange": "nowhere"}, ValueError),
        ({"idle_timeout": 0}, ValueError),
        ({"page_size": 0}, ValueError),
        ({"uid_limit": 0}, ValueError),
    ],
)
def test_an_option_that_makes_no_sense_is_named(
    wrong: dict[str, Any], kind: type[Exception]
) -> None:
    """Before anything is started."""
    with pytest.raises(kind, match=next(iter(wrong))):
        SimulatedExchange(**wrong)


def test_it_starts_once() -> None:
    """Neither while it runs, nor after."""
    with SimulatedExchange() as exchange, pytest.raises(RuntimeError, match="starts once"):
        exchange.start()
    with pytest.raises(RuntimeError, match="starts once"):
        exchange.start()


def test_connections_are_numbered_by_each_exchange(dial: Dial) -> None:
    """So that a plan means the same one, whatever else runs in the process."""
    for _ in range(2):
        with SimulatedExchange() as exchange:
            dial(f"{exchange.stream_url}/ws/btcusdt@trade").recv()
            assert exchange.connection_ids == [1]


def test_whoever_asks_during_a_stop_is_answered() -> None:
    """From every thread, and without a warning."""
    with SimulatedExchange(rate=50.0) as exchange:
        answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        begun = threading.Barrier(5)

        def ask() -> None:
            begun.wait()
            try:
                for _ in range(300):
                    exchange.book("BTCUSDT")
                    exchange.undo(exchange.apply(Lose(stream="x@y")))
                answers.put("all")
            except BaseException as error:  # noqa: BLE001 - told by the assertion
                answers.put(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        begun.wait()
    for thread in threads:
        thread.join()
    assert [answers.get() for _ in threads] == ["all"] * 4


def test_a_frozen_market_makes_no_steps() -> None:
    """Not by hand either: a stopped process sends nothing."""
    with SimulatedExchange() as exchange:
        exchange.hold()
        exchange.freeze()
        with pytest.raises(RuntimeError, match="frozen"):
            exchange.advance()
        exchange.thaw()
        exchange.advance()
