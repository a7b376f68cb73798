"""Replies about the account survive pickling and MessagePack."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from exchange_connector import KeyPermissions, KeyRestrictions

REPLIES = [
    KeyPermissions("an-exchange", True, False, True, ("SPOT", "MARGIN")),
    KeyRestrictions("an-exchange", True, True, False, False),
]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_replies_survive(reply: KeyPermissions | KeyRestrictions) -> None:
    """Equal by value; frozen."""
    assert pickle.loads(pickle.dumps(reply)) == reply
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reply), type=type(reply)) == reply
    assert type(reply).__struct_config__.frozen
