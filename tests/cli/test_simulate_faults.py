"""`exchange-connector simulate --faults`: a plan, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import websocket


def test_what_happens_is_told(command: Callable[..., Any], tmp_path: Path) -> None:
    """Each fault in one line, when it happens, and the client sees it."""
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nat = 0.2\nfault = "cut"\n', "utf-8")
    program = command("simulate", "--port", "0", "--faults", str(plan))
    url = json.loads(program.wait_for(r"\A.*\n"))["stream_url"]
    socket: Any = websocket.create_connection(f"{url}/ws/silent@trade", timeout=10)
    with pytest.raises(ConnectionResetError):
        socket.recv()
    socket.shutdown()
    program.wait_for(r"\nfault after 0\.[2-9] s: cut\n")
    program.interrupt()
    assert program.end() == 0


def test_everything_that_is_wrong_with_a_plan_is_told(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    """The option, the file, each entry's field; and code 2."""
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nfault = "lose"\ncount = 0\n[[fault]]\nat = 1\n', "utf-8")
    program = command("simulate", "--port", "0", "--faults", str(plan))
    assert program.end() == 2
    for word in ("--faults", str(plan), "fault[0].count: ", "fault[1].fault: missing"):
        assert word in program.text
    assert "Traceback" not in program.text


@pytest.mark.parametrize("path", ["no-such-plan.toml", "."])
def test_a_plan_that_cannot_be_read(path: str, command: Callable[..., Any]) -> None:
    """One line that names the option and the file, and code 2."""
    program = command("simulate", "--port", "0", "--faults", path)
    assert program.end() == 2
    assert len(program.text.splitlines()) == 1
    assert "--faults" in program.text
    assert path in program.text
