"""The demo as users run it: on a terminal, in a pipe, and ended in the middle of anything."""

from __future__ import annotations

import gc
import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.cli import demo

SCREEN_ON, SCREEN_OFF = "\x1b[?1049h", "\x1b[?1049l"
CURSOR_OFF, CURSOR_ON = "\x1b[?25l", "\x1b[?25h"
SUMMARY = (
    r"[\d,]+ events received, (\d+ of \d+ cuts survived, )?\d+ gaps? told, \d+ of \d+ subscript"
)
ENDED = (0, 130)
SIZES = [(80, 24), (120, 40), (30, 8)]
MOMENTS = [r"Subscription", r"connector LIVE", r"prices BTCUSDT", r"demo cuts", r"StreamGap"]


def test_in_a_pipe_it_prints_lines(command: Callable[..., Any]) -> None:
    """Prices come each second, and the connector's life, without a terminal's control codes."""
    program = command("demo", "--seconds", "3")
    assert program.end() == 0
    assert "\x1b" not in program.text
    assert "HealthChanged connector LIVE" in program.text
    assert len(re.findall("prices BTCUSDT bid ", program.text)) >= 2
    assert re.search(SUMMARY, program.text.splitlines()[-1])
    assert program.text.endswith("7 of 7 subscriptions alive\n")


def test_a_cut_is_survived(command: Callable[..., Any]) -> None:
    """The link is cut; gaps are told, it comes back, and everything is LIVE again."""
    program = command("demo", "--seconds", "8", "--plain")
    story = (
        r"demo cuts the link.*StreamGap trades:BTCUSDT disconnected.*Disconnected session-0"
        r".*upgrade refused.*connect again.*Connected session-0.*HealthChanged connector LIVE"
        r".*everything is LIVE again.*1 of 1 cuts survived, 7 gaps told, 7 of 7"
    )
    program.wait_for(f"(?s){story}")
    assert program.end() == 0


def test_on_a_terminal_it_draws(command: Callable[..., Any]) -> None:
    """It takes the alternate screen, and gives the terminal back before the summary."""
    programs = [command("demo", "--seconds", "3", size=size) for size in SIZES]
    for program in programs:
        assert program.end() == 0
        text = program.text
        assert 0 <= text.index(SCREEN_ON) < text.index(CURSOR_OFF)
        summary = re.search(SUMMARY, text)
        assert summary is not None
        assert text.rindex(SCREEN_OFF) < summary.start()
        assert text.rindex(CURSOR_ON) > text.rindex(CURSOR_OFF)
        assert "Traceback" not in text


def test_plain_is_plain_on_a_terminal_too(command: Callable[..., Any]) -> None:
    """`--plain` takes no screen."""
    program = command("demo", "--seconds", "1", "--plain", size=(80, 24))
    assert program.end() == 0
    assert "\x1b" not in program.text


def test_ctrl_c_ends_it(command: Callable[..., Any]) -> None:
    """Whatever is going on: no traceback, and the summary."""
    programs = {moment: command("demo", "--plain") for moment in MOMENTS}
    for moment, program in programs.items():
        program.wait_for(moment)
        program.interrupt()
        assert program.end() in ENDED
        assert "Traceback" not in program.text
        assert re.search(SUMMARY, program.text)


def test_impatience_changes_nothing(command: Callable[..., Any]) -> None:
    """Ctrl-C again and again, while it ends already."""
    program = command("demo", "--plain")
    program.wait_for("Subscription events confirmed")
    for _ in range(3):
        program.interrupt()
    program.interrupt(signal.SIGTERM)
    assert program.end() in ENDED
    assert "Traceback" not in program.text


def test_ctrl_c_gives_the_terminal_back(command: Callable[..., Any]) -> None:
    """The cursor and the former screen are restored."""
    program = command("demo", size=(80, 24))
    program.wait_for("events/s")
    program.interrupt()
    assert program.end() in ENDED
    assert program.text.rindex(SCREEN_OFF) > program.text.rindex(SCREEN_ON)
    assert program.text.rindex(CURSOR_ON) > program.text.rindex(CURSOR_OFF)
    assert "Traceback" not in program.text


def test_ctrl_c_before_anything_is_there(launch: Callable[..., Any]) -> None:
    """While the command's modules are still being loaded."""
    code = (
        "import sys\n"
        "class Hook:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name in ('typer', 'rich.layout'): print(name, flush=True)\n"
        "sys.meta_path.insert(0, Hook())\n"
        "from exchange_connector.cli import main; main()\n"
    )
    programs = {name: launch("-c", code, "demo", "--plain") for name in ("typer", "rich.layout")}
    for name, program in programs.items():
        program.wait_for(name)
        program.interrupt()
        assert program.end() in ENDED
        assert "Traceback" not in program.text


def test_a_reader_that_goes_away(launch: Callable[..., Any]) -> None:
    """`demo | head` ends, too."""
    code = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'exchange_connector', 'demo', '--plain']\n"
        "demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "demo.stdout.readline(), demo.stdout.close()\n"
        "print('code', demo.wait(), demo.stderr.read().decode())\n"
    )
    program = launch("-c", code)
    assert program.end() == 0
    assert program.text.startswith("code 1")
    assert "Traceback" not in program.text


def test_no_thread_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """When the demo is over so is everything that it has started, and signals are as before."""
    before, handler = set(threading.enumerate()), signal.getsignal(signal.SIGINT)
    assert demo.run(1.0, plain=True) == 0
    gc.collect()
    assert set(threading.enumerate()) <= before
    assert signal.getsignal(signal.SIGINT) is handler
    assert re.search(SUMMARY, capsys.readouterr().out)
