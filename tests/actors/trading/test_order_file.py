"""The file of the order journal, where the one who writes is slow or fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_connector.actors.trading import order_file
from exchange_connector.actors.trading.order_file import OrderFile
from exchange_connector.messages.trading import WriteIntent


def intent(id: str) -> WriteIntent:
    """An order that is to be written down."""
    return WriteIntent(id, "BTCUSDT", b"terms", 1, None)


def ids(file: OrderFile) -> set[str]:
    """What is written."""
    return {each.id for each in file.open_intents()}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[OrderFile]:
    """A file on the disk."""
    file = OrderFile(str(tmp_path / "journal"), "exchange spot")
    yield file
    file.close()


def test_nobody_undoes_what_another_is_writing(
    file: OrderFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room that hung and was given up may come to its end, and says then that it has written."""
    monkeypatch.setattr(order_file, "_LOCKED", 0.05)
    has_begun, may_go_on = threading.Event(), threading.Event()
    refused: list[object] = []

    def slowly() -> Iterator[WriteIntent]:
        yield intent("a")
        has_begun.set()
        may_go_on.wait(5)
        yield intent("b")

    first = threading.Thread(target=lambda: refused.append(file.write(slowly())))
    first.start()
    assert has_begun.wait(5)
    with pytest.raises(OSError, match="an earlier write has not ended"):
        file.write([intent("c")])
    may_go_on.set()
    first.join(5)
    assert (refused, ids(file)) == ([{}], {"a", "b"})
    file.write([intent("c")])
    assert ids(file) == {"a", "b", "c"}


def test_what_fails_half_way_is_not_written(file: OrderFile) -> None:
    """Whatever it fails of; the next write is whole again."""

    def failing() -> Iterator[WriteIntent]:
        yield intent("a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        file.write(failing())
    assert ids(file) == set()
    assert file.write([intent("b"), intent("b")]).keys() == {"b"}
    assert ids(file) == {"b"}
