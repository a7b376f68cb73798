"""`exchange-connector simulate`."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import typer

from ..simulator.serve import serve

EXCHANGES = ("binance",)
"""The exchanges whose interface the simulator speaks."""


def run(exchange: str, *, port: int, replay: Path | None, speed: float, seed: int) -> int:
    """Serve until SIGINT or SIGTERM; the exit code.

    Raises:
        typer.BadParameter: Naming the option that is wrong.
    """
    if exchange not in EXCHANGES:
        known = ", ".join(EXCHANGES)
        raise typer.BadParameter(f"{exchange!r}; there is {known}", param_hint="--exchange")
    if replay is not None:
        _check_readable(replay)
    try:
        serve(port=port, replay=replay, speed=speed, seed=seed)
    except (msgspec.MsgspecError, EOFError, gzip.BadGzipFile) as error:
        reason = f"'{replay}' is no recording: {error}"
        raise typer.BadParameter(reason, param_hint="--replay") from error
    except OSError as error:
        reason = f"{port} cannot be served: {error.strerror or error}"
        raise typer.BadParameter(reason, param_hint="--port") from error
    return 0


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        reason = f"'{path}' cannot be read: {error.strerror or error}"
        raise typer.BadParameter(reason, param_hint="--replay") from error
