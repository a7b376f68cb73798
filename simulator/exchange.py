"""The simulated exchange as a test or a demo holds it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from .box import Box
from .exchanges import EXCHANGES
from .faults.plan import Plan
from .faults.switches import Switches
from .server import HOST, Server
from .settings import Settings, check_port, listed
from .sights import Sights
from .trading_rules import TradingRules

STEPS_AT_ONCE = 100  # so that the exchange answers in between


class SimulatedExchange(Switches, Sights, TradingRules):
    """An exchange with Binance's or Bybit's interface, REST and websocket, on one loopback port.

    It runs on a daemon thread of its own from `start` to `stop`; use it as a context manager.
    `name` is that of the exchange whose interface it has.

    Args:
        port: TCP port; 0 takes any free one.
        seed: from it follow market, account key and secret.
        symbols: what the seeded market lists.
        rate: steps of the market in a second; each symbol trades in every step.
        replay: a recorded file (`.jsonl` or `.jsonl.gz`) to play instead of the seeded market.
        speed: pace of a replay; 1 is as recorded, 0 as fast as it is taken.
        max_weight: request weight allowed in a minute (Binance: 6,000), or requests allowed in five
            seconds (Bybit: 600).
        ping_interval: seconds between the server's websocket pings; Bybit's sends none.
        ws_messages_per_second: incoming messages a websocket may send; 0 allows all. Binance: 5.
        pong_timeout: seconds a client has to answer a ping.
        nested_errors: write websocket refusals as `{"error": {…}, "id": n}`, as seen in the wild,
            instead of the documented flat form. Of Binance.
        max_dials: websocket upgrades allowed in five minutes; 0 allows all. Binance: 300, Bybit: 500.
        max_raw_requests: REST requests allowed in five minutes; 0 allows all. Of Binance.
        max_age: seconds after which a websocket is closed; Binance: a day, Bybit: never.
        start_time: what the exchange's clock shows at the start, in seconds since the Unix epoch;
            with it the same seed gives the same bytes (`hold` before the start to miss none), and
            the clock waits for the market. `None` takes this machine's clock.
        tls: serve the same on a second port, by TLS, with a certificate that is made at the start.
        plan: faults that happen at their times: a `Plan`, or a TOML file of one.
        keep_published: how many events of each stream are kept for `published`.
        exchange: whose interface it has, `"binance"` (spot) or `"bybit"` (v5, spot and linear).
        idle_timeout: seconds after which a websocket is closed whose client sends no ping. Of Bybit.
        page_size: the most instruments that one page lists, whatever is asked for. Of Bybit.
        uid_limit: requests a second that each endpoint allows the account, instead of what is
            documented for it. Of Bybit.
        max_orders: unfilled orders that an account may place in ten seconds; 0 allows all. Of
            Binance.
        max_orders_a_day: the same in a day.

    Raises:
        ValueError: naming the option that makes no sense; a `TypeError` if `symbols` is one text.
        RecordingError: a `ValueError`, if `replay` is no recording.
        PlanError: a `ValueError`, if `plan` is no plan.
        OSError: if a file cannot be read.
    """

    def __init__(
        self,
        port: int = 0,
        seed: int = 1,
        symbols: Sequence[str] = ("BTCUSDT", "ETHUSDT"),
        rate: float = 10.0,
        replay: str | Path | None = None,
        speed: float = 1.0,
        max_weight: int | None = None,
        ping_interval: float = 20.0,
        ws_messages_per_second: int | None = None,
        pong_timeout: float = 60.0,
        nested_errors: bool = False,
        max_dials: int | None = None,
        max_raw_requests: int = 300_000,
        max_age: float | None = None,
        start_time: float | None = None,
        tls: bool = False,
        plan: Plan | str | Path | None = None,
        keep_published: int = 0,
        exchange: str = "binance",
        idle_timeout: float = 600.0,
        page_size: int = 1_000,
        uid_limit: int | None = None,
        max_orders: int = 100,
        max_orders_a_day: int = 200_000,
    ) -> None:
        settings = Settings(
            symbols=listed(symbols),
            seed=seed,
            rate=rate,
            replay=Path(replay) if replay is not None else None,
            speed=speed,
            max_weight=max_weight,
            ping_interval=ping_interval,
            pong_timeout=pong_timeout,
            ws_messages_per_second=ws_messages_per_second,
            nested_errors=nested_errors,
            max_dials=max_dials,
            max_raw_requests=max_raw_requests,
            max_age=max_age,
            start_time=start_time,
            tls=tls,
            plan=Plan.of(plan),
            keep_published=keep_published,
            exchange=exchange,
            idle_timeout=idle_timeout,
            page_size=page_size,
            uid_limit=uid_limit,
            max_orders=max_orders,
            max_orders_a_day=max_orders_a_day,
        )
        self.name = exchange
        check_port(port)
        if exchange not in EXCHANGES:
            raise ValueError(f"exchange must be one of {', '.join(EXCHANGES)}")
        self._box = Box(settings)
        self._server = Server(self._box, port, tls=tls)

    def start(self) -> Self:
        """Open the port and begin to trade.

        Raises:
            OSError: if the port is taken.
            ImportError: if TLS is wanted and `trustme` not installed.
            RuntimeError: if it has been started before.
        """
        self._server.start()
        return self

    def stop(self) -> None:
        """Close everything. A stopped exchange does not start again; make a new one."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The TCP port; 0 before the start if any was to be taken."""
        return self._server.port

    @property
    def rest_url(self) -> str:
        """Base URL of REST, without a path."""
        return f"http://{HOST}:{self.port}"

    @property
    def stream_url(self) -> str:
        """Base URL of the market streams, without a path."""
        return f"ws://{HOST}:{self.port}"

    @property
    def ws_api_url(self) -> str:
        """Base URL of the websocket that knows an account, without a path.

        Binance's websocket API itself is at `/ws-api/v3`, Bybit's private stream at `/v5/private`.
        """
        return f"ws://{HOST}:{self.port}"

    @property
    def tls_rest_url(self) -> str:
        """As `rest_url`, by TLS."""
        return f"https://{HOST}:{self._tls_port}"

    @property
    def tls_stream_url(self) -> str:
        """As `stream_url`, by TLS."""
        return f"wss://{HOST}:{self._tls_port}"

    @property
    def tls_ws_api_url(self) -> str:
        """As `ws_api_url`, by TLS."""
        return f"wss://{HOST}:{self._tls_port}"

    @property
    def ca_file(self) -> str:
        """A PEM file of the authority that clients by TLS must trust; removed at the stop.

        Raises:
            RuntimeError: unless the exchange serves TLS now.
        """
        certificate = self._server.certificate
        if certificate is None:
            raise RuntimeError("the exchange serves TLS from start to stop, and with tls=True")
        return str(certificate.ca_file)

    @property
    def _tls_port(self) -> int:
        if not self._server.tls_port:
            raise RuntimeError("the exchange serves TLS once it has started, with tls=True")
        return self._server.tls_port

    @property
    def api_key(self) -> str:
        """Key of the account to try."""
        return self._box.interface.credentials.api_key

    @property
    def api_secret(self) -> str:
        """Secret of the account to try."""
        return self._box.interface.credentials.api_secret

    @property
    def connections(self) -> int:
        """Websocket connections open now."""
        return len(self._box.hub.connections)

    @property
    def connection_ids(self) -> list[int]:
        """Ids of the open connections, oldest first, as `cut` and `controls` use them."""
        return self._server.call(lambda: list(self._box.hub.connections))

    @property
    def dials(self) -> int:
        """Websocket upgrades attempted so far, refused ones too."""
        return self._box.journal.dials

    @property
    def pings(self) -> int:
        """Ping frames received from clients."""
        return self._box.journal.pings

    @property
    def pongs(self) -> int:
        """Pong frames received from clients."""
        return self._box.journal.pongs

    @property
    def streams(self) -> set[str]:
        """Streams that any connection is subscribed to."""
        return self._server.call(lambda: self._box.hub.streams)

    @property
    def replay_done(self) -> threading.Event:
        """Set once a replay has handed its last frame to the sockets."""
        return self._box.replay_done

    def advance(self, steps: int = 1) -> None:
        """Let a market that is held make so many steps at once; a replay sends so many frames.

        What is sent every 100 ms or every second is sent as well, all that comes before the next
        step. The exchange's clock is not behind the last of them when this returns.

        Args:
            steps: how many; each is 1 / rate seconds of the market's time.

        Raises:
            ValueError: if `steps` is not above 0.
            RuntimeError: if the exchange is not held (`hold`), or frozen.
        """
        if steps < 1:
            raise ValueError("steps must be above 0")
        for done in range(0, steps, STEPS_AT_ONCE):
            self._server.call(partial(self._advance, min(STEPS_AT_ONCE, steps - done)))

    def _advance(self, steps: int) -> None:
        if self._box.gate.is_open:
            raise RuntimeError("the exchange is not held: call hold() before advance()")
        if not self._box.hub.thawed.is_open:
            raise RuntimeError("the exchange is frozen: call thaw() before advance()")
        self._box.source.advance(steps)

    def wait_until(
        self, predicate: Callable[[SimulatedExchange], bool], timeout: float = 5.0
    ) -> bool:
        """Wait until `predicate(exchange)` holds.

        Returns:
            Whether it came to hold within `timeout` seconds.
        """
        return self._box.journal.wait_until(lambda: predicate(self), timeout)
