"""Mutated files: a configuration or a recording, or the error that is documented for it."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import Config, ConfigurationError, decode, encode
from exchange_connector.simulator.recorded.lines import RecordingError
from exchange_connector.simulator.recorded.recording import read_recording

TOML = b"""[exchange]
name = "binance"
api_key = "k"
api_secret = "s"
testnet = false
rest_url = "http://127.0.0.1:9080"
stream_url = "ws://127.0.0.1:9080"

[connection]
timeout = 10.0
proxy = "http://user:secret-word@127.0.0.1:3128"
max_concurrent_requests = 16

[rate_limit]
max_weight = 6000

[clock_sync]
enabled = true
max_offset = 0.5

[supervision]
max_restarts = 5
period = 6_0.0
"""
RECORDING = b"""{"t":"http","ts":1633998511.1,"url":"https://api.binance.com/api/v3/exchangeInfo","raw":"{\\"symbols\\":[{\\"symbol\\":\\"BTCUSDT\\",\\"status\\":\\"TRADING\\"}]}"}
{"t":"http","ts":1633998511.2,"url":"https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=10","raw":"{\\"lastUpdateId\\":160,\\"bids\\":[[\\"0.0024\\",\\"10\\"]],\\"asks\\":[[\\"0.0026\\",\\"100\\"]]}"}
{"t":"ws","ts":1633998511.3,"raw":"{\\"stream\\":\\"btcusdt@trade\\",\\"data\\":{\\"e\\":\\"trade\\",\\"E\\":1672515782136,\\"s\\":\\"BTCUSDT\\",\\"t\\":1,\\"p\\":\\"0.001\\",\\"q\\":\\"1\\",\\"T\\":1672515782136,\\"m\\":true,\\"M\\":true}}"}
{"t":"ws","ts_ns":1633998511400000000,"raw":"{\\"stream\\":\\"btcusdt@depth@100ms\\",\\"data\\":{\\"e\\":\\"depthUpdate\\",\\"E\\":1,\\"s\\":\\"BTCUSDT\\",\\"U\\":161,\\"u\\":162,\\"b\\":[[\\"0.0024\\",\\"0\\"]],\\"a\\":[]}}"}
{"t":"ws","ts_us":1633998511500000,"raw":"{\\"u\\":163,\\"s\\":\\"BTCUSDT\\",\\"b\\":\\"1\\",\\"B\\":\\"1\\",\\"a\\":\\"2\\",\\"A\\":\\"1\\"}"}
"""


def test_configurations(fuzz: Any, change: Any, tmp_path: Path) -> None:
    """A `Config`, or `ConfigurationError`, which can travel and tells no secret."""
    path = tmp_path / "connector.toml"

    def check(rng: random.Random) -> None:
        text = change([TOML], rng)
        path.write_bytes(text)
        # a mutation may have written the password where none belongs
        is_hidden = text.count(b"secret-word") == text.count(b'\nproxy = "http://user:secret-word')
        try:
            config: Any = Config.load(path, {})
        except ConfigurationError as error:
            config = error
        assert not is_hidden or "secret-word" not in f"{config} {config!r}"
        if isinstance(config, ConfigurationError):
            assert encode(decode(encode(config))) == encode(config)  # which may quote a NaN
        else:
            config.validate()

    fuzz(check, 500)


def test_recordings(fuzz: Any, change: Any, tmp_path: Path) -> None:
    """Plain or packed, a recording or `RecordingError`."""
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"

    def check(rng: random.Random) -> None:
        if rng.random() < 0.6:
            path, data = plain, change([RECORDING], rng)
        elif rng.random() < 0.5:
            path, data = packed, change([gzip.compress(RECORDING, 1)], rng)
        else:
            path, data = packed, gzip.compress(change([RECORDING], rng), 1)
        path.write_bytes(data)
        try:
            recording: Any = read_recording(path)
        except RecordingError as error:
            recording = error
        assert str(path) in str(recording) or recording.symbols

    fuzz(check, 500)


@pytest.mark.parametrize("at", ["H", "", ":", "#", "?", "/", " @ ", "%40"])
def test_a_mistyped_proxy_tells_no_password(at: str) -> None:
    """What mutations have found: an address without its `@`."""
    proxy = f"http://user:secret-word{at}127.0.0.1:3128"
    builder = Config.builder().exchange("binance").connection(proxy=proxy)
    with pytest.raises(ConfigurationError) as caught:
        builder.build()
    assert "secret-word" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    "text",
    [
        b'{"t":"ws","\xe8":1}',
        b'{"t":"ws","raw":' + b"[" * 100_000,
        b'{"t":"ws","ts":1e400,"raw":"x"}',
        b"\xff\xfe",
    ],
)
def test_what_no_recording_is(text: bytes, tmp_path: Path) -> None:
    """What mutations have found; each is told with its file and line."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" + text)
    with pytest.raises(RecordingError, match=r"is no recording: (line 2|there is no market frame)"):
        read_recording(path)
