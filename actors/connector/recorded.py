"""A root whose life is recorded."""

from __future__ import annotations

import time
from importlib.metadata import PackageNotFoundError, version

from ...messages.config import Config
from ...messages.market import BaseEvent
from ...messages.notes import Note
from ..recorder import Recorder
from ..sending.ledger import HostLedger
from .root import Root

_LEAST = 1.0
"""Seconds that a recording under way gets at the end, however long the rest has taken."""


class Recorded(Root):
    """Hands every room the tape, and has it written when something goes wrong."""

    def __init__(self, config: Config, ledger: HostLedger, weight_limit: int) -> None:
        super().__init__(config, ledger, weight_limit)
        self._recorder = Recorder(config, _version(), self._address, self._noted)
        self._tape = self._recorder.tape

    def _noted(self, note: Note) -> None:
        """From any thread: a note was made."""
        self._recorder.heard(note)

    def _emit(self, event: BaseEvent) -> None:
        self._tape.happened(event)
        super()._emit(event)

    def _given_up(self, name: str, reason: str, restarts: int) -> None:
        super()._given_up(name, reason, restarts)
        self._recorder.due("gave-up")

    def _shut_down(self) -> None:
        deadline = time.monotonic() + self._config.connection.stop_timeout
        self._recorder.begin_to_close()
        super()._shut_down()
        self._recorder.close(max(_LEAST, deadline - time.monotonic()))


def _version() -> str:
    try:
        return version("exchange-connector")
    except PackageNotFoundError:  # not installed
        return ""
