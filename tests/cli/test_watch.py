"""`exchange-connector watch` as users run it: on a terminal, in a pipe, and when things fail."""

from __future__ import annotations

import gc
import json
import re
import signal
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import cli
from exchange_connector.simulator import SimulatedExchange

SCREEN_ON, SCREEN_OFF = "\x1b[?1049h", "\x1b[?1049l"
CURSOR_OFF, CURSOR_ON = "\x1b[?25l", "\x1b[?25h"
SUMMARY = r"[\d,]+ events received, \d+ gaps? told, \d+ of \d+ subscriptions alive\n"
NOBODY = ["--rest-url", "http://127.0.0.1:1", "--stream-url", "ws://127.0.0.1:1"]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange to watch."""
    with SimulatedExchange() as exchange:
        yield exchange


@pytest.fixture
def there(exchange: SimulatedExchange) -> list[str]:
    """The options that lead to the exchange."""
    return ["--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url]


def test_in_a_pipe_it_prints_lines(command: Callable[..., Any], there: list[str]) -> None:
    """Prices come each second, and the connector's life, without a terminal's control codes."""
    program = command("watch", "btcusdt", "ETHUSDT", "BTCUSDT", "--seconds", "3", *there)
    assert program.end() == 0
    assert "\x1b" not in program.text
    assert "HealthChanged connector LIVE" in program.text
    assert len(re.findall(r"prices (BTC|ETH)USDT bid .*; (BTC|ETH)USDT bid ", program.text)) >= 2
    assert re.search(SUMMARY + r"\Z", program.text)
    assert program.text.endswith("7 of 7 subscriptions alive\n")


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (30, 8)])
def test_on_a_terminal_it_draws(
    size: tuple[int, int], command: Callable[..., Any], there: list[str]
) -> None:
    """It takes the alternate screen, and gives the terminal back before the summary."""
    program = command("watch", "BTCUSDT", "--seconds", "2", *there, size=size)
    assert program.end() == 0
    text = program.text.replace("\r\n", "\n")
    assert 0 <= text.index(SCREEN_ON) < text.index(CURSOR_OFF)
    summary = re.search(SUMMARY, text)
    assert summary is not None
    assert text.rindex(SCREEN_OFF) < summary.start()
    assert text.rindex(CURSOR_ON) > text.rindex(CURSOR_OFF)
    assert "Traceback" not in text


def test_a_terminal_that_changes_its_size(command: Callable[..., Any], there: list[str]) -> None:
    """It is drawn anew, down to the last row of the new size."""
    program = command("watch", "BTCUSDT", *there, size=(80, 24))
    program.wait_for("trades BTCUSDT")
    program.resize(140, 45)
    program.wait_for(r"(?s)\x1b\[2J.*\x1b\[2J.*\x1b\[45;1H")
    program.interrupt()
    assert program.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["Subscription", "connector LIVE", "prices BTCUSDT"])
def test_a_signal_ends_it(
    moment: str, number: signal.Signals, command: Callable[..., Any], there: list[str]
) -> None:
    """Whatever is going on: the summary, code 0, and no traceback."""
    program = command("watch", "BTCUSDT", *there)
    program.wait_for(moment)
    program.interrupt(number)
    assert program.end() == 0
    assert "Traceback" not in program.text
    assert re.search(SUMMARY, program.text)


def test_json(command: Callable[..., Any], there: list[str], exchange: SimulatedExchange) -> None:
    """Each line is an event of the market or of the connector's life, a cut link's too."""
    program = command("watch", "BTCUSDT", "ETHUSDT", "--json", "--depth", "5", *there)
    for kind in ("Ticker", "BookTicker", "Trade", "OrderBook"):
        program.wait_for(f'"type":"{kind}".*"symbol":"ETHUSDT"')
    exchange.cut()
    program.wait_for(r'(?s)"type":"StreamGap".*"type":"Connected".*"type":"Trade"')
    program.interrupt()
    assert program.end() == 0
    events = [json.loads(line) for line in program.text.splitlines()]
    assert all(event["exchange"] == "binance" for event in events)
    assert events[-1]["type"] == "Stopped"
    trade = next(event for event in events if event["type"] == "Trade")
    assert isinstance(trade["price"], str)
    assert Decimal(trade["price"]) > 0
    assert isinstance(trade["event_time"], int)
    book = next(event for event in events if event["type"] == "OrderBook")
    assert [len(level) for level in book["bids"]] == [2] * 5


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_goes_away(
    options: list[str], launch: Callable[..., Any], there: list[str]
) -> None:
    """`watch | head` ends in silence."""
    code = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'exchange_connector', 'watch', 'BTCUSDT', *sys.argv[1:]]\n"
        "watch = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "watch.stdout.readline(), watch.stdout.close()\n"
        "print('code', watch.wait(), watch.stderr.read().decode())\n"
    )
    program = launch("-c", code, *options, *there)
    assert program.end() == 0
    assert program.text.strip() == "code 0"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_symbols_that_do_not_exist(
    options: list[str], command: Callable[..., Any], there: list[str]
) -> None:
    """It says which, once for each, and ends with code 1."""
    program = command("watch", "NOSUCH", "neither", *options, *there)
    assert program.end() == 1
    lines = program.text.splitlines()
    assert lines[-2:] == [
        "exchange-connector: NOSUCH: not listed by the exchange",
        "exchange-connector: NEITHER: not listed by the exchange",
    ]


def test_one_symbol_of_two_exists(command: Callable[..., Any], there: list[str]) -> None:
    """That one is shown; the other one is told of, and makes the code 1."""
    program = command("watch", "NOSUCH", "ETHUSDT", *there, size=(80, 24))
    program.wait_for("refused")
    program.wait_for("NOSUCH: not listed by the exchange")
    program.wait_for(r"3,\d\d\d\.\d\d")
    program.interrupt()
    assert program.end() == 1
    assert program.text.endswith("exchange-connector: NOSUCH: not listed by the exchange\r\n")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_exchange_that_is_not_there(options: list[str], command: Callable[..., Any]) -> None:
    """It goes on trying; when its time is over it says what was wrong, with code 1."""
    program = command("watch", "BTCUSDT", "--seconds", "2", *options, *NOBODY)
    assert program.end() == 1
    last = program.text.splitlines()[-1]
    assert last.startswith("exchange-connector: nothing was received: session-0: ")
    assert "refused" in last


def test_a_connector_that_ends(launch: Callable[..., Any], there: list[str]) -> None:
    """Code 1, and a sentence."""
    code = (
        "import signal, pykka\n"
        "from exchange_connector import ConnectorActor\n"
        "from exchange_connector.cli import main\n"
        "def end(*_):\n"
        "    for ref in pykka.ActorRegistry.get_by_class(ConnectorActor): ref.stop(block=False)\n"
        "signal.signal(signal.SIGUSR1, end)\n"
        "main()\n"
    )
    program = launch("-c", code, "watch", "BTCUSDT", *there)
    program.wait_for("connector LIVE")
    program.interrupt(signal.SIGUSR1)
    assert program.end() == 1
    assert program.text.endswith("exchange-connector: the connector has stopped\n")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "SYMBOL"),
        (["X", "--exchange", "kraken"], "--exchange"),
        (["X", "--market", "futures"], "--market"),
        (["X", "--market", "linear"], "--market"),
        (["X", "--rest-url", "ftp://127.0.0.1"], "--rest-url"),
        (["X", "--stream-url", "ws://127.0.0.1/stream"], "--stream-url"),
        (["X", "--depth", "0"], "--depth"),
        (["X", "--seconds", "soon"], "--seconds"),
        (["X", "--colour", "red"], "--colour"),
    ],
)
def test_wrong_options(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names the option, and code 2."""
    assert cli.run(["watch", *arguments]) == 2
    error = capsys.readouterr().err
    assert named in error
    assert len(error.splitlines()) == 1


def test_it_needs_no_simulator(launch: Callable[..., Any], there: list[str]) -> None:
    """The extra `cli` is enough."""
    code = (
        "import sys; sys.modules.update(aiohttp=None)\n"
        "from exchange_connector.cli import main; main()"
    )
    program = launch("-c", code, "watch", "BTCUSDT", "--seconds", "1", *there)
    assert program.end() == 0
    assert re.search(SUMMARY, program.text)


def test_no_thread_is_left(there: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """When it is over so is everything that it has started, and signals are as before."""
    before, handler = set(threading.enumerate()), signal.getsignal(signal.SIGINT)
    assert cli.run(["watch", "BTCUSDT", "--seconds", "1", *there]) == 0
    gc.collect()
    assert set(threading.enumerate()) <= before
    assert signal.getsignal(signal.SIGINT) is handler
    assert re.search(SUMMARY, capsys.readouterr().out)
