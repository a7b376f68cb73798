"""The file in which each order is written down before it leaves."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterable

from ...messages.trading import EndIntent, OpenIntent, WriteIntent

_SCHEMA = """
CREATE TABLE IF NOT EXISTS intents (
    exchange TEXT NOT NULL,
    id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    terms BLOB NOT NULL,
    written_ns INTEGER NOT NULL,
    ending TEXT,
    owner TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (exchange, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS open_intents ON intents (exchange) WHERE ending IS NULL;
"""
_OWNER = "ALTER TABLE intents ADD COLUMN owner TEXT NOT NULL DEFAULT ''"
"""For files of before: what stands there without an owner is everybody's."""
_LOCKED = 1.0
"""Seconds to wait while another process writes, or a room that hung and was given up; one that waits
long counts as hung."""
_KEPT_NS = 7 * 86_400 * 10**9
"""What has ended is kept for a week, so that an id is not used twice."""


class OrderFile:
    """Intents in SQLite; one connector writes at a time.

    Args:
        path: The file, which nobody else may read; "" keeps everything in memory.
        exchange: Where these orders are: exchange and market.
        owner: Whose they are, by something that says nothing of the key; only who has that key can
            ask what has become of them.

    Raises:
        OSError: It cannot be used.
    """

    def __init__(self, path: str, exchange: str, owner: str = "") -> None:
        self._exchange, self._owner = exchange, owner
        self._writing = threading.Lock()
        if path:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            os.chmod(path, 0o600)
        try:
            self._db = sqlite3.connect(
                path or ":memory:", _LOCKED, isolation_level=None, check_same_thread=False
            )
            if path:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")  # written means: on the disk
            self._db.executescript(_SCHEMA)
            columns = self._db.execute("SELECT name FROM pragma_table_info('intents')")
            if ("owner",) not in columns.fetchall():
                self._db.execute(_OWNER)
            self.open_intents()
        except (sqlite3.Error, OSError) as error:
            raise OSError(f"{path} cannot be used: {error}") from None

    def write(self, changes: Iterable[WriteIntent | EndIntent]) -> dict[str, Exception]:
        """Write all of them at once; those that could not be, by their ids: `KeyError` where the id
        was used before, `UnicodeEncodeError` where it is no text that can be written.

        Raises:
            OSError: Nothing was written.
        """
        if not self._writing.acquire(timeout=_LOCKED):
            raise OSError("the order journal cannot be written: an earlier write has not ended")
        try:
            return self._write(changes)
        finally:
            self._writing.release()

    def _write(self, changes: Iterable[WriteIntent | EndIntent]) -> dict[str, Exception]:
        refused: dict[str, Exception] = {}
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for change in changes:
                if isinstance(change, EndIntent):
                    self._end(change)
                elif (fault := self._begin(change)) is not None:
                    refused[change.id] = fault
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise OSError(f"the order journal cannot be written: {error}") from None
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        return refused

    def open_intents(self) -> tuple[OpenIntent, ...]:
        """One's own without an end, oldest first.

        Raises:
            OSError: They cannot be read.
        """
        try:
            rows = self._db.execute(
                "SELECT id, symbol, terms, written_ns FROM intents"
                " WHERE exchange = ? AND ending IS NULL AND owner IN ('', ?) ORDER BY written_ns",
                (self._exchange, self._owner),
            ).fetchall()
        except sqlite3.Error as error:
            raise OSError(f"the order journal cannot be read: {error}") from None
        return tuple(OpenIntent(*row) for row in rows)

    def of_others(self) -> int:
        """How many without an end are others'; what cannot be counted is none."""
        with contextlib.suppress(sqlite3.Error):
            row = self._db.execute(
                "SELECT count(*) FROM intents"
                " WHERE exchange = ? AND ending IS NULL AND owner NOT IN ('', ?)",
                (self._exchange, self._owner),
            ).fetchone()
            return int(row[0])
        return 0

    def forget_old(self, now_ns: int) -> None:
        """Let go of what has ended long ago; where that cannot be now, it is for another time."""
        with contextlib.suppress(sqlite3.Error):
            self._db.execute(
                "DELETE FROM intents WHERE ending IS NOT NULL AND written_ns < ?",
                (now_ns - _KEPT_NS,),
            )

    def close(self) -> None:
        """End."""
        self._db.close()

    def _begin(self, change: WriteIntent) -> Exception | None:
        """Write it down; why that cannot be, if so."""
        row = change.id, change.symbol, change.terms, change.written_ns
        try:
            cursor = self._db.execute(
                "INSERT OR IGNORE INTO intents (exchange, owner, id, symbol, terms, written_ns)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self._exchange, self._owner, *row),
            )
        except UnicodeEncodeError as error:
            return error
        return None if cursor.rowcount == 1 else KeyError(change.id)

    def _end(self, change: EndIntent) -> None:
        self._db.execute(
            "UPDATE intents SET ending = ? WHERE exchange = ? AND id = ? AND ending IS NULL",
            (change.ending, self._exchange, change.id),
        )
