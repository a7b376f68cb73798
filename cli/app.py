"""The command line: commands, their options, and what a wrong option is answered with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import __version__
from . import PROGRAM, output

app = typer.Typer(
    help="Crypto exchange connectors built from supervised actors.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def invoke(arguments: Sequence[str]) -> int:
    """Run a command; its exit code.

    A wrong option is told in one line, and is 2; what the system refuses likewise, and is 1.
    """
    try:
        code: Any = app(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except OSError as error:  # such as a full disk behind standard output
        output.discard()
        print(f"{PROGRAM}: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 1
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


@app.command(short_help="Show a market live, and how the connector to it is.")
def watch(
    symbols: Annotated[list[str], typer.Argument(help="Such as BTCUSDT.", metavar="SYMBOL...")],
    exchange: Annotated[str, typer.Option(help="Where they are traded.")] = "binance",
    market: Annotated[str, typer.Option(help="Of its markets: spot, linear.")] = "spot",
    testnet: Annotated[bool, typer.Option("--testnet", help="On its test network.")] = False,
    rest_url: Annotated[str, typer.Option(help="A REST server other than its own.")] = "",
    stream_url: Annotated[str, typer.Option(help="A stream server other than its own.")] = "",
    depth: Annotated[int, typer.Option(min=1, help="Levels of the order book, each side.")] = 20,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="End after so many seconds.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print each event as JSON, one a line.")] = (
        False
    ),
) -> int:
    """Show prices, the first symbol's order book and trades, and the connector's health.

    Needs no key. Where there is no terminal it prints lines. Ctrl-C ends it; the exit code is 1 if
    a symbol was refused, nothing could be received, or the connector has given up.
    """
    from .watch import configuration, run

    urls = {"rest_url": rest_url, "stream_url": stream_url}
    config = configuration(exchange, market=market, testnet=testnet, **urls)
    return run(config, symbols, seconds, depth=depth, is_json=json)


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
    tls: Annotated[bool, typer.Option("--tls", help="Serve the same by TLS, on another port.")] = (
        False
    ),
    faults: Annotated[
        Path | None, typer.Option(help="A plan (TOML) of what is to go wrong, and when.")
    ] = None,
) -> int:
    """Serve the simulated exchange for other programs, until SIGINT or SIGTERM.

    The first line printed is one JSON object: rest_url, stream_url, ws_api_url, api_key, api_secret;
    with --tls also tls_rest_url, tls_stream_url, tls_ws_api_url, ca_file.
    """
    from .simulate import run

    return run(exchange, port=port, replay=replay, speed=speed, seed=seed, tls=tls, faults=faults)


@app.command(short_help="Run a flight recording through the same actors.")
def replay(
    file: Annotated[Path, typer.Argument(help="What the flight recorder has written.")],
    speed: Annotated[
        float,
        typer.Option(min=0, help="Of the recording: 1 as it was, 0 as fast as it is taken."),
    ] = 0.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> int:
    """Run a flight recording through the same actors, and see whether they decide the same.

    Needs no network. The code is 0 if they do, 1 if not, 2 for a file that is no recording.
    """
    from .replay.command import run

    return run(file, speed=speed, as_json=as_json)


@app.command(short_help="Check the way to an exchange, and say what is wrong.")
def check(
    exchange: Annotated[
        str | None, typer.Option(help="Which one; binance where nothing else says so.")
    ] = None,
    market: Annotated[
        str | None, typer.Option(help="Of its markets; spot where nothing else says so.")
    ] = None,
    testnet: Annotated[bool, typer.Option("--testnet", help="Its test network.")] = False,
    rest_url: Annotated[str | None, typer.Option(help="Instead of the exchange's own.")] = None,
    stream_url: Annotated[str | None, typer.Option(help="Instead of the exchange's own.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="A bot's configuration (TOML), to check exactly that.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.5, help="Seconds for the whole.")] = 15.0,
) -> int:
    """Check the way to an exchange, and say what is wrong and what to do about it.

    A key is read from EXCHANGE_CONNECTOR_API_KEY and EXCHANGE_CONNECTOR_API_SECRET, or from the
    configuration's file. The code is 0 if a bot can run, 1 if not, 2 for wrong options.
    """
    from .check.command import run
    from .check.settings import Options

    options = Options(config, exchange, testnet, rest_url, stream_url, market)
    return run(options, as_json=as_json, seconds=timeout)


@app.command(short_help="Run every fault against the connector, and account for every event.")
def campaign(
    exchange: Annotated[str, typer.Option(help="Whose market it is.")] = "binance",
    market: Annotated[str, typer.Option(help="Which one: spot, or linear (Bybit's).")] = "spot",
    only: Annotated[str, typer.Option(help="Names of rows, with commas between.")] = "",
    is_list: Annotated[bool, typer.Option("--list", help="Print the rows, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each row as JSON, one a line.")] = (
        False
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="Shorter outages, and less patient timings.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="Rows at the same time.")] = 3,
    soak: Annotated[
        float | None,
        typer.Option(min=1, help="Instead of rows: faults at random, so many seconds."),
    ] = None,
    orders: Annotated[
        int | None,
        typer.Option(min=1, help="Instead of rows: so many orders, under faults at random."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="What is drawn follows from it; some, if not given."),
    ] = None,
) -> int:
    """Run every fault against the connector, on the built-in exchange, and account for every event.

    Needs no network. The code is 1 if anything was lost without notice or doubled, if it was not
    told in time, or if no live data came back; after a soak also if something was left behind; after
    orders, if one of them has not exactly one fate, or anything differs from the exchange's books.
    """
    from .campaign import chosen, run, run_orders, run_soak

    traded = chosen(exchange, market)
    if orders is not None:
        return run_orders(traded, orders, seed)
    if soak is not None:
        return run_soak(traded, soak, seed)
    return run(traded, only, is_list=is_list, is_json=as_json, quick=quick, jobs=jobs)
