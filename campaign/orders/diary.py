"""What a bot writes down for itself, line by line, so that it is there after it was killed.

A line is `[SECONDS, WORD, ...]` of JSON, SECONDS on the wall clock. The words:

    began                                                  a process
    follows                                                its subscriptions are confirmed
    asks ID DEED SYMBOL                                    it is about to ask the connector
    told ID DEED RESULT WORDS                              what it was answered (`Result`)
    order SYMBOL ORDER_ID ID STATUS EXECUTED TIME RECOVERED
    fill SYMBOL TRADE_ID ORDER_ID QUANTITY PRICE COMMISSION ASSET TIME
    balance ASSET FREE LOCKED TIME
    open [[SYMBOL, ORDER_ID, EXECUTED], ...]               in the end, when it has asked for it
    holds [[ASSET, FREE, LOCKED], ...]
    fills [[SYMBOL, TRADE_ID, QUANTITY, PRICE, COMMISSION, ASSET, ORDER_ID], …]
"""

from __future__ import annotations

import json
import os
import time
from enum import StrEnum
from pathlib import Path
from typing import Any


class Result(StrEnum):
    """What a bot is answered."""

    PLACED = "placed"
    REFUSED = "refused"
    NEVER = "never placed"
    UNKNOWN = "unknown"
    ABANDONED = "abandoned"
    """What should have answered died; an event tells what has become of it."""
    SILENCE = "silence"
    """No answer at all, which must not be."""


class Diary:
    """Writes; from any thread, each line at once."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.written = time.monotonic()

    def write(self, word: str, *rest: Any) -> None:
        """Write a line: what was written outlives the process."""
        line = json.dumps([time.time(), word, *rest], default=str)
        os.write(self._file, f"{line}\n".encode())
        self.written = time.monotonic()

    def close(self) -> None:
        """No more."""
        os.close(self._file)


def lines(path: Path) -> list[list[Any]]:
    """What is written there; a line that was cut off by the end of a process is none."""
    found: list[list[Any]] = []
    for text in path.read_text().splitlines():
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found
