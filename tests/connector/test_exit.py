"""The end of a script that does not stop its connector: it ends, in time and in silence."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

BEGIN = """
import atexit, os, sys, threading, time
from exchange_connector import Config, ConnectorActor, Stopped, SubscriberActor

config = (
    Config.builder()
    .exchange("binance", rest_url={rest!r}, stream_url={stream!r})
    .connection(stop_timeout={stop_timeout}, reconnect_delay=0.05)
    .build()
)
ref = ConnectorActor.start(config)
connector = ref.proxy()
"""
UP = """
connector.ready().get(timeout=10)
came = threading.Event()

def take(event):
    came.set()

connector.subscribe_trades("BTCUSDT", take).get(timeout=10)
assert came.wait(10)
"""
LIFE = """
connector.subscribe_events(lambda e: isinstance(e, Stopped) and print("told", flush=True)).get(5)
"""
STUCK = """
entered, held = threading.Event(), threading.Event()

def hold(event):
    entered.set()
    {waiting}

connector.subscribe_trades("ETHUSDT", hold).get(timeout=10)
assert entered.wait(10)
"""
SCRIPTS: dict[str, tuple[str, int]] = {
    "nothing more": (UP, 0),
    "at once": ("", 0),
    "an exit code of its own": (UP + "sys.exit(3)", 3),
    "stopped by its own atexit": (
        "atexit.register(lambda: print('stopped', ref.stop(timeout=5), flush=True))\n" + UP,
        0,
    ),
    "told that it stops": (UP + LIFE.replace("get(5)", "get(timeout=5)"), 0),
    "asked at exit": (
        "atexit.register(lambda: connector.server_time().get(timeout=5))\n" + UP,
        0,
    ),
    "two connectors": (UP + "ConnectorActor.start(config).proxy().ready().get(timeout=10)", 0),
    "a callback that sleeps": (UP + STUCK.format(waiting="time.sleep(0.5)"), 0),
    "a callback that never returns": (UP + STUCK.format(waiting="held.wait()"), 0),
    "a callback that asks": (
        UP + STUCK.format(waiting="connector.server_time().get(timeout=5)"),
        0,
    ),
    "a callback that prints": (UP + STUCK.format(waiting="print('x' * 100, flush=True)"), 0),
    "a callback that stops": (UP + STUCK.format(waiting="ref.stop(timeout=5)"), 0),
    "a handler of the log": ("import logging; logging.basicConfig(level=0)\n" + UP, 0),
}


def run(
    exchange: SimulatedExchange, script: str, stop_timeout: float = 2.0
) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run a script behind the common beginning; how it ended, and how long its whole run took."""
    begin = BEGIN.format(
        rest=exchange.rest_url, stream=exchange.stream_url, stop_timeout=stop_timeout
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", begin + script],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    return done, time.monotonic() - began


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_never_stops_it_ends_by_itself(
    name: str, exchange: SimulatedExchange
) -> None:
    """With its own exit code, with no word on stderr, within `stop_timeout` of its last line."""
    script, code = SCRIPTS[name]
    done, took = run(exchange, script)
    assert done.returncode == code, done.stderr[-2000:]
    if name != "a handler of the log":
        assert done.stderr == ""
    assert "Traceback" not in done.stderr
    assert took < 2.0 + 0.5 + 8.0  # what starting an interpreter takes on a busy machine
    if name == "stopped by its own atexit":
        assert done.stdout == "stopped True\n"
    if name == "told that it stops":
        assert done.stdout == "told\n"
    assert exchange.wait_until(lambda e: not e.streams)


def test_it_closes_politely(exchange: SimulatedExchange) -> None:
    """The exchange sees it unsubscribe, and no connection that breaks."""
    done, _ = run(exchange, UP)
    assert done.returncode == 0
    assert exchange.wait_until(lambda e: not e.streams)


def test_a_callback_that_never_returns_costs_the_stop_timeout(exchange: SimulatedExchange) -> None:
    """No more than that, and not for ever."""
    script = UP + STUCK.format(waiting="held.wait()") + "print(time.time())"
    done, _ = run(exchange, script, stop_timeout=1.0)
    assert done.returncode == 0
    assert time.time() - float(done.stdout) < 1.0 + 0.5 + 2.0


def test_a_traceback_of_the_scripts_own_is_the_only_one(exchange: SimulatedExchange) -> None:
    """An error in the main thread is told by Python, once."""
    done, _ = run(exchange, UP + "raise ValueError('mine')")
    assert done.returncode == 1
    assert len(re.findall("Traceback", done.stderr)) == 1
    assert done.stderr.rstrip().endswith("ValueError: mine")


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals as on Unix")
def test_an_interrupted_script_ends_as_well(
    exchange: SimulatedExchange, until: Callable[..., Any]
) -> None:
    """Ctrl-C in the main thread: Python's own traceback, and the end."""
    begin = BEGIN.format(rest=exchange.rest_url, stream=exchange.stream_url, stop_timeout=2.0)
    script = begin + UP + "print('up', flush=True)\ntime.sleep(30)"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(15) in (1, -signal.SIGINT, 130)
        assert process.stderr.read().count("Traceback") == 1
