"""`exchange-connector simulate` as other programs use it."""

from __future__ import annotations

import gzip
import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

KEYS = {"rest_url", "stream_url", "ws_api_url", "api_key", "api_secret"}


def served(program: Any) -> dict[str, str]:
    """What the first line says."""
    addresses: dict[str, str] = json.loads(program.wait_for(r"\A.*\n"))
    return addresses


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_first_line_tells_where_it_is(number: signal.Signals, command: Callable[..., Any]) -> None:
    """One JSON object; the exchange answers there until a signal ends it, with code 0."""
    program = command("simulate", "--exchange", "binance", "--port", "0", "--seed", "3")
    addresses = served(program)
    assert addresses.keys() == KEYS
    assert requests.get(f"{addresses['rest_url']}/api/v3/ping", timeout=5).json() == {}
    program.interrupt(number)
    assert program.end() == 0
    assert "Traceback" not in program.text


def test_another_exchange_is_told_in_the_same_way(command: Callable[..., Any]) -> None:
    """The same keys; the private socket is reached by `ws_api_url`."""
    program = command("simulate", "--exchange", "bybit", "--port", "0")
    addresses = served(program)
    assert addresses.keys() == KEYS
    answer = requests.get(f"{addresses['rest_url']}/v5/market/time", timeout=5).json()
    assert answer["retCode"] == 0
    socket = websocket.create_connection(f"{addresses['ws_api_url']}/v5/private", timeout=5)
    socket.send('{"op":"ping"}')
    assert json.loads(socket.recv())["op"] == "pong"
    socket.close()
    program.interrupt(signal.SIGTERM)
    assert program.end() == 0


def test_a_recording_of_another_exchange(command: Callable[..., Any], tmp_path: Path) -> None:
    """Each reads its own."""
    url = "wss://stream.bybit.com/v5/public/linear"
    trade = {"i": "1", "T": 1, "p": "2", "v": "1", "S": "Buy", "s": "ABCUSDT", "BT": False}
    raw = json.dumps({"topic": "publicTrade.ABCUSDT", "ts": 1, "data": [trade]})
    lines = [{"t": "connect", "ts": 0.5, "url": url}, {"t": "ws", "ts": 1.0, "raw": raw}]
    file = tmp_path / "recording.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    named = ["simulate", "--port", "0", "--replay", str(file)]
    rest_url = served(command(*named, "--exchange", "bybit"))["rest_url"]
    listed = f"{rest_url}/v5/market/instruments-info?category=linear"
    rows = requests.get(listed, timeout=5).json()["result"]["list"]
    assert [row["symbol"] for row in rows] == ["ABCUSDT"]
    assert command(*named, "--exchange", "binance").end() == 2


def test_tls_is_told_too(command: Callable[..., Any]) -> None:
    """Its addresses, and the authority to trust; that file is gone with the program."""
    program = command("simulate", "--port", "0", "--tls")
    told = served(program)
    assert told.keys() == KEYS | {"tls_rest_url", "tls_stream_url", "tls_ws_api_url", "ca_file"}
    url = f"{told['tls_rest_url']}/api/v3/ping"
    assert requests.get(url, verify=told["ca_file"], timeout=5).json() == {}
    program.interrupt(signal.SIGTERM)
    assert program.end() == 0
    assert not Path(told["ca_file"]).exists()


def test_a_seed_is_a_key(command: Callable[..., Any]) -> None:
    """The same seed gives the same account, another seed another one."""
    programs = [command("simulate", "--port", "0", "--seed", seed) for seed in ("3", "3", "4")]
    keys = [served(program)["api_key"] for program in programs]
    assert keys[0] == keys[1] != keys[2]


def test_a_recording_is_served(command: Callable[..., Any], tmp_path: Path) -> None:
    """The file's symbols are what the exchange lists."""
    trade = {"e": "trade", "E": 1, "s": "ABCUSDT", "t": 1, "p": "2.0", "q": "1", "T": 1, "m": True}
    raw = json.dumps({"stream": "abcusdt@trade", "data": trade})
    file = tmp_path / "recording.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps({"t": "ws", "ts": 1.0, "raw": raw}).encode()))
    program = command("simulate", "--port", "0", "--replay", str(file), "--speed", "0")
    url = served(program)["rest_url"]
    symbols = requests.get(f"{url}/api/v3/exchangeInfo", timeout=5).json()["symbols"]
    assert [symbol["symbol"] for symbol in symbols] == ["ABCUSDT"]


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--exchange", "kraken"], "--exchange"),
        (["--replay", "no-such-file.jsonl"], "--replay"),
        (["--replay", "."], "--replay"),
        (["--replay", __file__], "--replay"),
        (["--port", "many"], "--port"),
        (["--port", "70000"], "--port"),
        (["--speed", "-1"], "--speed"),
        (["--colour", "red"], "--colour"),
    ],
)
def test_wrong_options(arguments: list[str], option: str, command: Callable[..., Any]) -> None:
    """One line that names the option, and code 2."""
    program = command("simulate", "--port", "0", *arguments)
    assert program.end() == 2
    assert len(program.text.splitlines()) == 1
    assert option in program.text


def test_a_port_that_is_taken(command: Callable[..., Any]) -> None:
    """It is told as the option's fault."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        program = command("simulate", "--port", port)
        assert program.end() == 2
    assert "--port" in program.text
    assert port in program.text
    assert len(program.text.splitlines()) == 1
