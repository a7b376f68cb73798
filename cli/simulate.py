"""`exchange-connector simulate`."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

import typer

from ..simulator.exchanges import EXCHANGES
from ..simulator.faults.plan import Plan, PlanError
from ..simulator.faults.reading import FaultError
from ..simulator.faults.runner import logger as happening
from ..simulator.recorded.lines import RecordingError
from ..simulator.serve import serve

_NO_PORT = (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)


def run(
    exchange: str,
    *,
    port: int,
    replay: Path | None,
    speed: float,
    seed: int,
    tls: bool = False,
    faults: Path | None = None,
) -> int:
    """Serve until SIGINT or SIGTERM; the exit code.

    Raises:
        typer.BadParameter: Naming the option that is wrong.
    """
    if exchange not in EXCHANGES:
        known = ", ".join(EXCHANGES)
        raise typer.BadParameter(f"{exchange!r}; there is {known}", param_hint="--exchange")
    if replay is not None:
        _check_readable(replay)
    plan = _plan_of(faults) if faults is not None else None
    try:
        serve(
            exchange=exchange,
            port=port,
            replay=replay,
            speed=speed,
            seed=seed,
            tls=tls,
            plan=plan,
        )
    except FaultError as error:
        raise typer.BadParameter(str(error), param_hint="--faults") from error
    except RecordingError as error:
        raise typer.BadParameter(str(error), param_hint="--replay") from error
    except ImportError as error:
        raise typer.BadParameter(str(error), param_hint="--tls") from error
    except OSError as error:
        if error.errno not in _NO_PORT:  # then it is no fault of the port's
            raise
        reason = f"{port} cannot be served: {error.strerror or error}"
        raise typer.BadParameter(reason, param_hint="--port") from error
    return 0


def _plan_of(path: Path) -> Plan:
    """The plan that a file holds; what happens by it is told on stderr."""
    try:
        plan = Plan.read(path)
    except PlanError as error:
        reason = "\n  ".join([f"'{path}' is no plan:", *error.errors])
        raise typer.BadParameter(reason, param_hint="--faults") from error
    except OSError as error:
        reason = f"'{path}' cannot be read: {error.strerror or error}"
        raise typer.BadParameter(reason, param_hint="--faults") from error
    telling = logging.StreamHandler()
    telling.setFormatter(logging.Formatter("%(message)s"))
    happening.addHandler(telling)
    happening.setLevel(logging.INFO)
    return plan


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        reason = f"'{path}' cannot be read: {error.strerror or error}"
        raise typer.BadParameter(reason, param_hint="--replay") from error
