"""What errors say to people."""

from __future__ import annotations

import pytest

from exchange_connector import ClockSyncError, ConnectorError, ExchangeError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ClockSyncError(None, None, 0.5), "the exchange's time is not known yet"),
        (
            ClockSyncError(2.4, 0.001, 0.5),
            "the exchange's clock is off by +2.400 s, +/- 0.001 s; 0.5 s is allowed",
        ),
        (
            ExchangeError(-1121, "Invalid symbol.", 400),
            "Invalid symbol. (code -1121, HTTP status 400)",
        ),
        (ExchangeError(2, "Invalid request"), "Invalid request (code 2)"),
    ],
)
def test_words(error: ConnectorError, words: str) -> None:
    """A sentence, without what is not known."""
    assert str(error) == words
