"""The pytest plugin: a simulated exchange, and a connector on it, for the tests of a trading bot.

pytest loads it in every session of an environment that has the library, whatever is tested there.
Therefore it stands beside the package and imports nothing of it before a test asks for a fixture.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from exchange_connector.actors.connector.typed import ConnectorProxy
    from exchange_connector.simulator import SimulatedExchange

MARKER = "simulated_exchange"
PING_INTERVAL_S = 1.0
RECONNECT_DELAY_S = 0.05
MAX_RECONNECT_WAIT_S = 0.2
REQUEST_TIMEOUT_S = 5.0
READY_TIMEOUT_S = 10.0


class Exchanges:
    """The simulated exchanges of one test."""

    def __init__(self) -> None:
        self.started: list[SimulatedExchange] = []

    def start(self, *, held: bool = False, **options: Any) -> SimulatedExchange:
        """Start one more, with the options of `SimulatedExchange`; `held`: from its first step."""
        kind = _exchange_type()
        known = inspect.signature(kind).parameters
        for name in options.keys() - known.keys():
            raise misuse(f"there is no option {name!r}; there is held, {', '.join(known)}")
        try:
            exchange = kind(**options)
            if held:
                exchange.hold()
            exchange.start()
        except (TypeError, ValueError, OSError, ImportError) as error:
            raise misuse(str(error)) from None
        self.started.append(exchange)
        return exchange

    def stop(self) -> None:
        """Stop all, the last first."""
        for exchange in reversed(self.started):
            exchange.stop()


EXCHANGES = pytest.StashKey[Exchanges]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): how the fixture {MARKER} is started; the options are those of "
        "exchange_connector.simulator.SimulatedExchange (seed, rate, symbols, ...), and held=True "
        "for a market that stands still until advance() or release()",
    )


@pytest.fixture
def simulated_exchange_factory(
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., SimulatedExchange]]:
    """Starts simulated exchanges, with the options of the marker; all stop at the end."""
    exchanges = request.node.stash[EXCHANGES] = Exchanges()
    yield exchanges.start
    exchanges.stop()


@pytest.fixture
def simulated_exchange(
    request: pytest.FixtureRequest,
    simulated_exchange_factory: Callable[..., SimulatedExchange],
) -> SimulatedExchange:
    """A running simulated exchange; options by `@pytest.mark.simulated_exchange(seed=7)`."""
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(MARKER))):  # the nearest one wins
        if marker.args:
            raise misuse(f"options go by name, such as seed=7; got {marker.args}")
        options |= marker.kwargs
    return simulated_exchange_factory(**options)


@pytest.fixture
def simulated_connector(simulated_exchange: SimulatedExchange) -> Iterator[ConnectorProxy]:
    """The proxy of a connector on `simulated_exchange`, ready, and quick to reconnect."""
    from exchange_connector import Config, ConnectorActor

    config = (
        Config.builder()
        .exchange(
            simulated_exchange.name,
            simulated_exchange.api_key,
            simulated_exchange.api_secret,
            rest_url=simulated_exchange.rest_url,
            stream_url=simulated_exchange.stream_url,
            ws_api_url=simulated_exchange.ws_api_url,
        )
        .connection(
            timeout=REQUEST_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            reconnect_delay=RECONNECT_DELAY_S,
            max_reconnect_wait=MAX_RECONNECT_WAIT_S,
        )
        .build()
    )
    ref = ConnectorActor.start(config)
    try:
        connector = ref.proxy()
        connector.ready().get(timeout=READY_TIMEOUT_S)
        yield connector
    finally:
        ref.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add what the exchanges have seen to the report of a test that failed."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    exchanges = item.stash.get(EXCHANGES, None)
    if report.failed and exchanges is not None:
        for exchange in exchanges.started:
            title = f"simulated exchange at {exchange.rest_url}"
            report.sections.append((title, _seen(exchange)))


def misuse(reason: str) -> BaseException:
    """Fails a test with one sentence, and none of our code above it."""
    return pytest.fail.Exception(f"{MARKER}: {reason}", pytrace=False)


def _exchange_type() -> type[SimulatedExchange]:
    try:
        from exchange_connector.simulator import SimulatedExchange
    except ImportError as error:
        raise misuse(str(error)) from None
    return SimulatedExchange


def _seen(exchange: SimulatedExchange) -> str:
    from exchange_connector.simulator.summary import summary

    try:
        return summary(exchange)
    except Exception as error:  # noqa: BLE001 - it must not hide what the test failed of
        return f"it could not be asked: {error!r}"
