"""The words that users may say."""

from __future__ import annotations

from typing import get_args

from exchange_connector import messages
from exchange_connector.messages.errors import ERRORS
from exchange_connector.messages.events import Event


def test_the_list_of_names_is_sorted_and_true() -> None:
    """Each name once, and there."""
    assert messages.__all__ == sorted(set(messages.__all__))
    for name in messages.__all__:
        assert hasattr(messages, name), name


def test_every_event_and_error_is_public() -> None:
    """So that a bot can match on it."""
    names = {kind.__name__ for kind in get_args(Event)} | ERRORS.keys()
    assert names <= set(messages.__all__)
