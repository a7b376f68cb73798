"""`exchange-connector watch`: what an exchange sends, and how the connector is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import chain

import typer

from .. import Config, ConfigurationError, ConnectorError, ValidationError
from ..messages import ComponentHealth, HealthState
from . import PROGRAM, output
from .board import Board
from .interrupts import Interrupt, on_signals
from .json_lines import JsonLines
from .layout import Title
from .screen import best_view
from .show import Show
from .spectator import Wishes, spectating
from .views import NoView

_OPTIONS = {
    "exchange.name": "--exchange",
    "exchange.market": "--market",
    "exchange.rest_url": "--rest-url",
    "exchange.stream_url": "--stream-url",
}
_SILENCE = "no subscription was confirmed in time; the command check says where it hangs"


def run(
    config: Config, symbols: Sequence[str], seconds: float | None, *, depth: int, is_json: bool
) -> int:
    """Show what comes until `seconds` are over or the user ends it; the exit code.

    Raises:
        typer.BadParameter: Naming the option that is wrong.
    """
    names = tuple(dict.fromkeys(symbol.upper() for symbol in symbols))
    start = _print_events if is_json else _draw
    try:
        with on_signals() as interrupt:
            board = start(config, Title("watch", place(config), names, depth), seconds, interrupt)
    except ConfigurationError as error:
        raise bad_parameter(error) from error
    except BrokenPipeError:
        output.discard()
        return 0
    sentences = list(failures(board, is_complete=not interrupt.is_wanted))
    for sentence in sentences:
        print(f"{PROGRAM}: {sentence}", file=sys.stderr)
    return 1 if sentences else 0


def _draw(config: Config, title: Title, seconds: float | None, interrupt: Interrupt) -> Board:
    """Draw on the terminal, or print lines; the last board."""
    wishes = Wishes(title.symbols, books=title.symbols[:1], depth=title.depth)
    with output.interruptible(interrupt):
        with spectating(config, wishes) as spectator:
            show = Show(spectator, interrupt, note)
            with best_view(title, plain=False) as view:
                show.play(view, seconds)
        print(show.last.summary(), flush=True)
    return show.last


def _print_events(
    config: Config, title: Title, seconds: float | None, interrupt: Interrupt
) -> Board:
    """Print every event as a line of JSON; the last board."""
    listener = JsonLines(sys.stdout.fileno(), interrupt)
    wishes = Wishes(title.symbols, books=title.symbols, depth=title.depth, listener=listener)
    with spectating(config, wishes) as spectator:
        show = Show(spectator, interrupt, note)
        show.play(NoView(), seconds)
    if listener.failure is not None:
        raise listener.failure
    return show.last


def configuration(
    exchange: str, *, market: str, testnet: bool, rest_url: str, stream_url: str
) -> Config:
    """The connector's configuration; one that watches need not wait long to dial again.

    Raises:
        typer.BadParameter: Naming the option that is wrong.
    """
    builder = Config.builder().exchange(
        exchange, market=market, testnet=testnet, rest_url=rest_url, stream_url=stream_url
    )
    try:
        return builder.connection(max_reconnect_wait=10.0, stop_timeout=5.0).build()
    except ConfigurationError as error:
        raise bad_parameter(error) from error


def bad_parameter(error: ConfigurationError) -> typer.BadParameter:
    """What is wrong with a configuration, in the words of the options it was made of."""
    fault = error.errors[0]
    return typer.BadParameter(
        f"{fault.value!r} {fault.reason}", param_hint=_OPTIONS.get(fault.field, fault.field)
    )


def place(config: Config) -> str:
    """Where it is: the exchange, its market, and the server where that is not the exchange's own."""
    exchange = config.exchange
    server = exchange.stream_url or exchange.rest_url or ("testnet" if exchange.testnet else "")
    market = "" if exchange.market == "spot" else f" {exchange.market}"
    return f"{exchange.name}{market} {server}".rstrip()


def note(board: Board, _elapsed: float) -> str:
    """What is wrong, if anything is."""
    return next(chain(refusals(board), _troubles(board)), "")


def failures(board: Board, *, is_complete: bool) -> Iterator[str]:
    """What has failed, in sentences; `is_complete` says that it was given the time it asked for."""
    yield from refusals(board)
    if board.stopped is not None:
        reason = board.stopped.reason
        yield f"the connector has stopped: {reason}" if reason else "the connector has stopped"
    elif is_complete and not board.confirmed and not board.refused:
        reason = next(_troubles(board), _SILENCE)
        yield f"nothing was received: {reason}"


def refusals(board: Board) -> list[str]:
    """Of each symbol that was refused: why; once, although several streams were asked for."""
    found: dict[str, None] = {}
    for stream, error in board.refused.items():
        symbol = stream.partition(":")[2]
        found[f"{symbol or repr(symbol)}: {_reason(error)}"] = None
    return list(found)


def _reason(error: ConnectorError) -> str:
    if isinstance(error, ValidationError) and error.field == "symbol":
        return error.reason
    return str(error)


def _troubles(board: Board) -> Iterator[str]:
    """The causes of what is not LIVE."""
    if board.health is None:
        return
    parts: dict[str, ComponentHealth] = {**board.health.components, **board.health.sessions}
    for name, part in parts.items():
        if part.state is not HealthState.LIVE and part.cause:
            yield f"{name}: {part.cause}"
