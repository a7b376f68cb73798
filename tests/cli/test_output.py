"""Standard output that is full, closed, of a poor encoding, or that nobody reads."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

PATIENCE = 20.0
FULL = "exchange-connector: no space left on device\n"
COMMAND = [sys.executable, "-W", "error", "-m", "exchange_connector"]
NOBODY = ["--rest-url", "http://127.0.0.1:1", "--stream-url", "ws://127.0.0.1:1"]


@pytest.fixture
def there() -> Iterator[list[str]]:
    """The options that lead to an exchange."""
    with SimulatedExchange() as exchange:
        yield ["--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url]


def written_to_a_full_disk(*arguments: str) -> tuple[int, str]:
    """The code and the errors of a command; `/dev/full` is a disk that always is."""
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [["watch", "BTCUSDT"], ["watch", "BTCUSDT", "--json"], ["check"], ["check", "--json"]],
)
def test_a_full_disk(arguments: list[str], there: list[str]) -> None:
    """It is told in a sentence, and the code is 1."""
    assert written_to_a_full_disk(*arguments, *there) == (1, FULL)


def test_a_full_disk_is_not_the_ports_fault() -> None:
    """So `simulate` does not blame the option."""
    assert written_to_a_full_disk("simulate", "--port", "0") == (1, FULL)


@pytest.mark.parametrize(
    "arguments",
    [
        ["watch", "BTCUSDT", "--seconds", "1"],
        ["watch", "BTCUSDT", "--seconds", "1", "--json"],
        ["check"],
    ],
)
def test_a_closed_output(arguments: list[str], there: list[str]) -> None:
    """It goes nowhere, as with `/dev/null`."""
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, *arguments, *there],
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_characters_that_the_output_has_no_form_for(
    command: Callable[..., Any], there: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are written as their numbers."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    program = command("watch", "\u5e01", *there)
    assert program.end() == 1
    assert program.text.endswith("exchange-connector: \\u5e01: not listed by the exchange\n")


@pytest.mark.parametrize(("is_there", "code"), [(True, 0), (False, 1)])
def test_a_check_of_which_only_the_first_line_is_read(
    is_there: bool, code: int, launch: Callable[..., Any], there: list[str]
) -> None:
    """Its code is what it would be: `check | head -1` says nothing else about the exchange."""
    script = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'exchange_connector', 'check', *sys.argv[1:]]\n"
        "check = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "check.stdout.readline(), check.stdout.close()\n"
        "print('code', check.wait(), check.stderr.read().decode())\n"
    )
    program = launch("-c", script, *(there if is_there else NOBODY))
    assert program.end() == 0
    assert program.text.strip() == f"code {code}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_terminal_that_takes_nothing_any_more(number: signal.Signals, there: list[str]) -> None:
    """A signal ends the program all the same: its link is dead, or somebody has pressed Ctrl-S."""
    terminal, screen = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 300, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    watch = subprocess.Popen(
        [*COMMAND, "watch", "BTCUSDT", *there], stdout=screen, stderr=screen, env=environment
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while select.select([], [screen], [], 0)[1]:  # until nothing more fits in
            assert time.monotonic() < deadline
            with pytest.raises(subprocess.TimeoutExpired):
                watch.wait(0.05)
        watch.send_signal(number)
        assert watch.wait(PATIENCE) == 0
    finally:
        watch.kill()
        watch.wait()
        os.close(terminal)
        os.close(screen)
