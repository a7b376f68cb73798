"""The entry point: versions, wrong commands, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import exchange_connector
from exchange_connector import cli

VERSION = f"exchange-connector {exchange_connector.__version__}\n"
WITHOUT_EXTRAS = (
    "import sys; sys.modules.update(typer=None, rich=None, aiohttp=None)\n"
    "from exchange_connector.cli import main; main()"
)


def test_version(command: Callable[..., Any]) -> None:
    """`python -m exchange_connector --version` prints it."""
    program = command("--version")
    assert program.end() == 0
    assert program.text == VERSION


def test_version_without_extras(launch: Callable[..., Any]) -> None:
    """So it does where none of the extras is installed."""
    program = launch("-c", WITHOUT_EXTRAS, "--version")
    assert program.end() == 0
    assert program.text == VERSION


@pytest.mark.parametrize("name", ["demo", "simulate", "campaign"])
def test_without_extras(name: str, launch: Callable[..., Any]) -> None:
    """One line says what to install, and the code is 2."""
    program = launch("-c", WITHOUT_EXTRAS, name)
    assert program.end() == 2
    install = "pip install 'exchange-connector[cli,simulator]'"
    assert program.text == f"exchange-connector: the command {name} needs: {install}\n"


@pytest.mark.parametrize("module", ["typer", "rich", "aiohttp"])
@pytest.mark.parametrize("name", ["demo", "simulate", "campaign"])
def test_one_module_is_missing(
    name: str,
    module: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each of them is noticed before anything begins."""
    monkeypatch.setitem(sys.modules, module, None)
    assert cli.run([name]) == 2
    assert "exchange-connector[cli,simulator]" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["typer", "rich"])
def test_what_watch_needs(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command line's extra, and no simulator."""
    monkeypatch.setitem(sys.modules, module, None)
    assert cli.run(["watch", "BTCUSDT"]) == 2
    error = capsys.readouterr().err
    install = "pip install 'exchange-connector[cli]'"
    assert error == f"exchange-connector: the command watch needs: {install}\n"


def test_help_needs_the_command_line_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands are told without the simulator's extra, but not without Typer."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert cli.run(["--help"]) == 0
    told = capsys.readouterr().out
    assert "demo" in told
    assert "watch" in told
    assert "simulate" in told
    monkeypatch.setitem(sys.modules, "typer", None)
    assert cli.run(["--help"]) == 2
    assert "pip install 'exchange-connector[cli]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["trade"], "trade"),
        (["demo", "--seconds", "soon"], "--seconds"),
        (["demo", "--seconds", "-1"], "--seconds"),
        (["demo", "now"], "now"),
        (["--verbose"], "--verbose"),
    ],
)
def test_wrong_arguments(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names the culprit, and code 2."""
    assert cli.run(arguments) == 2
    error = capsys.readouterr().err
    assert named in error
    assert len(error.splitlines()) == 1


def test_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The help is shown."""
    assert cli.run([]) in (0, 2)  # by Typer's version
    captured = capsys.readouterr()
    assert "simulate" in captured.out + captured.err


def test_importing_is_light(launch: Callable[..., Any]) -> None:
    """The library loads nothing of its extras, nor its commands and its simulator."""
    code = (
        "import sys, exchange_connector\n"
        "heavy = {'aiohttp', 'cryptography', 'rich', 'typer'}\n"
        "own = {'exchange_connector.cli', 'exchange_connector.simulator'}\n"
        "print(sorted((heavy | own) & sys.modules.keys()))"
    )
    program = launch("-c", code)
    assert program.end() == 0
    assert program.text == "[]\n"
