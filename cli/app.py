"""The command line: commands, their options, and what a wrong option is answered with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import __version__
from . import PROGRAM

app = typer.Typer(
    help="Crypto exchange connectors built from supervised actors.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def invoke(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. A wrong option is told in one line, and is 2."""
    try:
        code: Any = app(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except Exception as error:
        words = getattr(error, "format_message", None)  # how Typer's usage errors are known
        if words is None:
            raise
        print(f"{PROGRAM}: {words() or 'see --help'}".strip(), file=sys.stderr)
        return int(getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0


def _print_version(wanted: bool) -> None:
    if wanted:
        print(PROGRAM, __version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Crypto exchange connectors built from supervised actors."""


@app.command(short_help="Show a connector, and what happens when its link is cut.")
def demo(
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="End after so many seconds.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print lines; so it does where there is no terminal.")
    ] = False,
) -> int:
    """Show a connector on a simulated exchange, and what happens when the link is cut.

    Needs no network. Ctrl-C ends it.
    """
    from .demo import run

    return run(seconds, plain=plain)


@app.command(short_help="Serve the simulated exchange for other programs.")
def simulate(
    exchange: Annotated[str, typer.Option(help="Whose interface is served.")] = "binance",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="A port of 127.0.0.1; 0 takes any free one.")
    ] = 9080,
    replay: Annotated[
        Path | None, typer.Option(help="A recording (.jsonl, .jsonl.gz) to play, once.")
    ] = None,
    speed: Annotated[
        float,
        typer.Option(min=0, help="Of the recording: 1 as it was, 0 as fast as it is taken."),
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Market and key follow from it.")] = 1,
) -> int:
    """Serve the simulated exchange for other programs, until SIGINT or SIGTERM.

    The first line printed is one JSON object: rest_url, stream_url, ws_api_url, api_key, api_secret.
    """
    from .simulate import run

    return run(exchange, port=port, replay=replay, speed=speed, seed=seed)
