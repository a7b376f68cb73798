"""Keys, secrets and signatures stand nowhere: no log at any level, repr, exception or event."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import ConnectorError, ExchangeError, GetHealth, ask
from exchange_connector.simulator import SimulatedExchange

SIGNATURE = re.compile(r"signature=|[0-9a-f]{64}")


def test_nothing_secret_is_shown(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With every logger at its loudest, through success, refusal, reset, time-out and stop."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "websocket", "pykka", "exchange_connector", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    ref = start(exchange, connection={"timeout": 1.0})
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    shown: list[str] = [repr(connector.balances().get(timeout=5))]
    account = "/api/v3/account"
    faults: list[Callable[[], object]] = [
        lambda: exchange.answer(account, status=400, body='{"code":-2015,"msg":"no"}', count=1),
        lambda: exchange.answer(account, status=500, body="<html>", count=1),
        lambda: exchange.reset_rest(account, 1),
        lambda: exchange.delay(account, 3.0, count=1),
        lambda: exchange.step_clock(-60),
    ]
    for fault in faults:
        fault()
        try:
            shown.append(repr(connector.balances().get(timeout=5)))
        except ConnectorError as error:
            shown.extend(traceback.format_exception(error))
            shown.append(repr(error.__context__) + repr(error.__cause__) + repr(vars(error)))
    shown.append(repr(ask(ref, GetHealth())) + repr(ref))
    exchange.cut()
    ref.stop(timeout=5)
    shown.extend(repr(event) for event in life.events)
    shown.extend(record.getMessage() + repr(vars(record)) for record in caplog.records)
    text = "\n".join(shown)
    assert len(caplog.records) > 20
    assert "GET" in text
    assert exchange.api_secret not in text
    assert exchange.api_key not in text
    assert not SIGNATURE.search(text), SIGNATURE.search(text)


def test_a_signed_request_needs_the_right_secret(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """The simulator checks signatures by itself: with another secret it refuses."""
    from exchange_connector import AuthenticationError, Config, ConnectorActor, ValidationError

    config = (
        Config.builder()
        .exchange(
            "binance",
            exchange.api_key,
            "another",
            rest_url=exchange.rest_url,
            stream_url=exchange.stream_url,
        )
        .build()
    )
    ref = ConnectorActor.start(config)
    try:
        ref.proxy().ready().get(timeout=5)
        with pytest.raises(AuthenticationError) as caught:
            ref.proxy().balances().get(timeout=5)
        assert caught.value.code == -1022
        assert isinstance(caught.value, ExchangeError)
    finally:
        ref.stop(timeout=5)
    keyless = start(exchange, key=False)
    with pytest.raises(ValidationError) as refused:
        keyless.proxy().balances().get(timeout=5)
    assert refused.value.field == "exchange.api_key"
