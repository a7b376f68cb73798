"""The pytest plugin, in test suites of its own; each runs as a bot author's would."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

SUITE = """
import queue

import pytest
from exchange_connector import StreamGap, Trade


@pytest.mark.simulated_exchange(seed=7, rate=50.0, symbols=("ETHUSDT",))
class TestMarked:
    def test_the_class_says(self, simulated_exchange):
        assert simulated_exchange.book("ETHUSDT").bids

    def test_a_symbol_that_is_not_listed(self, simulated_exchange):
        with pytest.raises(LookupError):
            simulated_exchange.book("BTCUSDT")

    @pytest.mark.simulated_exchange(symbols=("BTCUSDT",))
    def test_the_nearest_marker_wins(self, simulated_exchange):
        assert simulated_exchange.book("BTCUSDT").bids


def test_a_connector_that_comes_back(simulated_exchange, simulated_connector):
    events = queue.Queue()
    simulated_connector.subscribe_trades("BTCUSDT", events.put).get(timeout=10)
    assert isinstance(events.get(timeout=10), Trade)
    simulated_exchange.cut()
    while not isinstance(events.get(timeout=10), StreamGap):
        pass
    assert simulated_connector.balances().get(timeout=10)


@pytest.mark.simulated_exchange(held=True)
def test_a_market_that_is_held(simulated_exchange):
    before = simulated_exchange.book("BTCUSDT").update_id
    simulated_exchange.advance(1)
    assert simulated_exchange.book("BTCUSDT").update_id > before


STARTED = []


def test_two_exchanges(simulated_exchange_factory):
    STARTED.extend(simulated_exchange_factory(seed=seed) for seed in (1, 2))
    assert len({exchange.rest_url for exchange in STARTED}) == 2
    assert len({exchange.api_key for exchange in STARTED}) == 2


def test_they_have_stopped(simulated_exchange_factory):
    for exchange in STARTED:
        simulated_exchange_factory(port=exchange.port)  # it is free again
"""
FAILING = """
import json

import pytest
import requests
import websocket


@pytest.fixture
def asked(simulated_exchange):
    query = {"symbol": "NOSUCH", "signature": "0f0f", "listenKey": "0f0f", "pad": "x" * 500}
    for _ in range(12):
        requests.get(f"{simulated_exchange.rest_url}/api/v3/depth", query, timeout=5)
    socket = websocket.create_connection(f"{simulated_exchange.stream_url}/ws", timeout=5)
    socket.send(json.dumps({"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}))
    socket.send("apiKey=0f0f")
    assert simulated_exchange.wait_until(lambda exchange: len(exchange.controls) == 2)
    api = websocket.create_connection(f"{simulated_exchange.ws_api_url}/ws-api/v3", timeout=5)
    params = {"apiKey": "0f0f", "signature": "0f0f", "timestamp": 1}
    api.send(json.dumps({"method": "account.status", "params": params, "id": "a"}))
    simulated_exchange.lose("*@kline_1m", count=2)
    assert simulated_exchange.wait_until(lambda exchange: len(exchange.controls) == 3)
    yield
    socket.shutdown()
    api.shutdown()


def test_it_fails(asked):
    assert False, "as it should"


def test_it_passes(asked):
    pass


def test_it_fails_without_an_exchange():
    assert False
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run the suite with every warning an error."""
    return pytester.runpytest_subprocess(
        "-W", "error", "--strict-markers", "-p", "no:cacheprovider", *options
    )


def test_it_is_installed() -> None:
    """The environment tells pytest of it."""
    found = {each.name: each.value for each in entry_points(group="pytest11")}
    assert found["exchange_connector"] == "_exchange_connector_pytest"


def test_a_suite_passes(pytester: pytest.Pytester) -> None:
    """Options by marker, a connector, several exchanges, and all of them stopped."""
    pytester.makepyfile(SUITE)
    run(pytester).assert_outcomes(passed=7)


def test_a_session_without_them_does_not_load_the_package(pytester: pytest.Pytester) -> None:
    """What is heavy is loaded for tests that ask for it only."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            assert "_exchange_connector_pytest" in sys.modules
            assert not {"aiohttp", "exchange_connector", "pykka", "requests"} & sys.modules.keys()
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_failure_shows_what_the_exchange_saw(pytester: pytest.Pytester) -> None:
    """Refused requests and control messages, bounded, and no secret; for the failed test only."""
    pytester.makepyfile(FAILING)
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*- simulated exchange at http://127.0.0.1:* -*",
            "websockets: 2 open, 2 dials",
            "streams: 1 (btcusdt@trade)",
            "requests: 12 (/api/v3/depth 12)",
            "refused requests: 12; without an answer: 0",
            "  … 2 earlier",
            "  400 GET /api/v3/depth symbol=NOSUCH&signature=[*][*][*]&listenKey=[*][*][*]&pad=xx*…",
            "control messages: 3",
            '  #1 SUBSCRIBE ["btcusdt@trade"]',
            "  #1 no valid request, 11 characters",
            '  #2 account.status {"apiKey": "[*][*][*]", "signature": "[*][*][*]", "timestamp": "1"}',
            "faults at work: 1",
            "  lose count=2 stream=[*]@kline_1m, 2 left",
        ]
    )
    text = result.stdout.str()
    assert text.count("simulated exchange at") == 1
    assert text.count("400 GET") == 10
    assert "0f0f" not in text.partition("simulated exchange at")[2]


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("sede=7", "there is no option 'sede'; there is held, port, seed, symbols, *"),
        ("7", "options go by name, such as seed=7; got (7,)"),
        ("rate=0", "rate must be above 0*"),
        ("replay='no/such/file'", "*No such file*"),
    ],
)
def test_a_wrong_option_is_told(pytester: pytest.Pytester, marker: str, told: str) -> None:
    """The test fails with one sentence."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.simulated_exchange({marker})
        def test_it(simulated_exchange):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"simulated_exchange: {told}"])


def test_a_missing_extra_is_told(pytester: pytest.Pytester) -> None:
    """Without aiohttp other tests run, and those on the exchange say what to install."""
    pytester.makeconftest("import sys; sys.modules['aiohttp'] = None")
    pytester.makepyfile(
        """
        def test_other():
            pass

        def test_it(simulated_connector):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["simulated_exchange: *exchange-connector[[]simulator]*"])
