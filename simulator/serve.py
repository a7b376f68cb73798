"""Serving the simulated exchange for other programs (`exchange-connector simulate`)."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from .exchange import SimulatedExchange
from .faults.plan import Plan


def serve(
    *,
    exchange: str = "binance",
    port: int = 9080,
    replay: Path | None = None,
    speed: float = 1.0,
    seed: int = 1,
    tls: bool = False,
    plan: Plan | None = None,
) -> None:
    """Serve until SIGINT, SIGTERM, or the end of the terminal (SIGHUP).

    The first line printed is one JSON object with `rest_url`, `stream_url`, `ws_api_url`,
    `api_key` and `api_secret`; with TLS also `tls_rest_url`, `tls_stream_url`, `tls_ws_api_url`
    and `ca_file`.

    Args:
        exchange: whose interface is served.
        port: TCP port on loopback; 0 takes any free one.
        replay: a recorded file to play instead of the seeded market.
        speed: pace of the replay; 1 is as recorded, 0 as fast as it is taken.
        seed: from it follow the market and the account's key.
        tls: serve the same on a second port, by TLS.
        plan: faults that happen at their times.

    Raises:
        OSError: if the port is taken, or the file cannot be read.
        ImportError: if TLS is wanted and `trustme` not installed.
    """
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` has it
        signals.append(signal.SIGHUP)
    # Blocked before any thread starts, and waited for: no handler runs in the middle of something.
    former = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        with SimulatedExchange(
            exchange=exchange,
            port=port,
            seed=seed,
            replay=replay,
            speed=speed,
            tls=tls,
            plan=plan,
        ) as served:
            told = addresses(served) | (tls_addresses(served) if tls else {})
            print(json.dumps(told), flush=True)
            signal.sigwait(signals)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def addresses(exchange: SimulatedExchange) -> dict[str, str]:
    """Where the exchange is reached, and the account to try."""
    return {
        "rest_url": exchange.rest_url,
        "stream_url": exchange.stream_url,
        "ws_api_url": exchange.ws_api_url,
        "api_key": exchange.api_key,
        "api_secret": exchange.api_secret,
    }


def tls_addresses(exchange: SimulatedExchange) -> dict[str, str]:
    """Where it is reached by TLS, and the authority to trust there."""
    return {
        "tls_rest_url": exchange.tls_rest_url,
        "tls_stream_url": exchange.tls_stream_url,
        "tls_ws_api_url": exchange.tls_ws_api_url,
        "ca_file": exchange.ca_file,
    }
