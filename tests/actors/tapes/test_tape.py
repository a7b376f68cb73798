"""The flight recorder's memory: what comes in goes out in order, and no more than fits."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector import ExchangeConfig
from exchange_connector.actors.tapes.redaction import Redaction
from exchange_connector.actors.tapes.tape import BLANK, Tape
from exchange_connector.messages.notes import (
    CommandSent,
    ConnectionClosed,
    ConnectionOpened,
    FrameRead,
    Note,
)


@pytest.fixture
def heard() -> list[Note]:
    """What the tape has told of."""
    return []


@pytest.fixture
def tape(heard: list[Note], monkeypatch: pytest.MonkeyPatch) -> Tape:
    """One of half a minute, by a clock that stands still at 1,000 s."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_000 * 10**9)
    return Tape(30.0, 16 << 20, heard.append)


def at(seconds: float) -> int:
    """So long after the tape's beginning."""
    return int((1_000 + seconds) * 1e9)


def test_frames_come_out_as_they_came_in(tape: Tape) -> None:
    """Whether they were counted already or not, whatever bytes they are, among the notes."""
    track = tape.track("session-0")
    track.opened(7)
    messages = [b"{}", b"", b"\xff\xfe", "ü".encode(), b"a\nb"]
    for number in range(20):
        track.keep(at(1 + number), messages)
    tape.note(CommandSent(at(3.5), 7, "x"))
    excerpt = tape.excerpt()
    notes = list(excerpt.notes)
    frames = [note for note in notes if isinstance(note, FrameRead)]
    assert [note.data for note in frames] == messages * 20
    assert {note.connection for note in frames} == {7}
    assert excerpt.frames == 100
    assert [note.at for note in notes] == sorted(note.at for note in notes)
    assert isinstance(notes[3 * len(messages)], CommandSent)


def test_a_read_that_completed_nothing_is_no_frame(tape: Tape) -> None:
    """The reader was only called back from waiting; an empty message is one."""
    track = tape.track("session-0")
    track.opened(7)
    for messages in ([], [b""], []):
        track.keep(at(1), messages)
    excerpt = tape.excerpt()
    assert [each.data for each in excerpt.notes if isinstance(each, FrameRead)] == [b""]
    assert excerpt.frames == 1


def test_a_forked_child_writes_nothing(tape: Tape, heard: list[Note]) -> None:
    """Nobody there hears of what is noted, so that no file is due."""
    tape.note(CommandSent(at(1), 7, "x"))
    tape.forked()
    tape.note(CommandSent(at(2), 7, "y"))
    assert len(heard) == 1


def test_the_order_of_a_connection_is_kept_though_the_clock_is_set_back(tape: Tape) -> None:
    """By the time alone, its end would come before its frames."""
    track = tape.track("session-0")
    track.opened(1)
    track.keep(at(10), [b"1"])
    track.keep(at(5), [b"2"])
    track.keep(at(11), [b"3"])
    notes = [note for note in tape.excerpt().notes if isinstance(note, FrameRead)]
    assert [note.raw for note in notes] == ["1", "2", "3"]


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3_000)), max_size=120))
def test_it_takes_no_more_memory_than_it_may(reads: list[tuple[int, int]]) -> None:
    """What was not counted yet is one turn of reads; all else is within the bound."""
    most = 50_000
    tape = Tape(30.0, most, lambda _: None)
    track = tape.track("session-0")
    track.opened(1)
    now = time.time_ns()
    for number, (count, size) in enumerate(reads):
        track.keep(now + number + 1, [b"x" * size] * count)
    turn = 16 * max((count * (size + 3) for count, size in reads), default=0)
    kept = sum(len(note.data) for note in tape.excerpt().notes if isinstance(note, FrameRead))
    assert kept <= most + turn


def test_what_had_to_go_is_remembered_as_what_it_left(tape: Tape) -> None:
    """So that a recording can say how things stood when it begins."""
    first, second = tape.track("session-0"), tape.track("session-0")
    first.opened(1)
    first.closed("cut")
    second.opened(2)
    for number in range(16):  # a turn
        second.keep(at(40 + number / 100), [b"late"])
    excerpt = tape.excerpt()
    assert excerpt.standing.connections == {2: ConnectionOpened(at(0), 2, "session-0")}
    assert excerpt.began == at(0)
    assert not [each for each in excerpt.notes if isinstance(each, ConnectionClosed)]


def test_notes_are_heard_and_frames_are_not(tape: Tape, heard: list[Note]) -> None:
    """Whoever waits for decisions is not woken by frames."""
    track = tape.track("session-0")
    track.opened(1)
    track.keep(at(1), [b"frame"])
    track.closed("cut")
    assert [type(note) for note in heard] == [ConnectionOpened, ConnectionClosed]


def test_threads_may_write_and_read_at_once(tape: Tape) -> None:
    """Every frame of every connection is there once, in its order."""
    tracks = [tape.track(f"session-{number}") for number in range(3)]

    def write(number: int) -> None:
        tracks[number].opened(number)
        for count in range(2_000):
            tracks[number].keep(at(1), [b"%d" % count])
            if count % 100 == 0:
                list(tape.excerpt().notes)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found: dict[int, list[int]] = {}
    for note in tape.excerpt().notes:
        if isinstance(note, FrameRead):
            found.setdefault(note.connection, []).append(int(note.raw))
    assert found == {number: list(range(2_000)) for number in range(3)}


def test_a_blank_tape_keeps_nothing() -> None:
    """Where no flight recorder is wanted."""
    track = BLANK.track("session-0")
    track.opened(1)
    track.keep(1, [b"x"])
    track.sent("x")
    track.closed("cut")
    assert list(BLANK.excerpt().notes) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the KEY-1 and the SECRET-2", "the *** and the ***"),
        ("?symbol=A&signature=abc123&x=1", "?symbol=A&signature=***&x=1"),
        ('{"listenKey":"abc"}', '{"listenKey":"***"}'),
        ('{\\"listenKey\\":\\"abc\\"}', '{\\"listenKey\\":\\"***\\"}'),
        ("X-MBX-APIKEY: abc", "X-MBX-APIKEY: ***"),
        ("MIIEvQIBADANBgkq", "***"),
        ("nothing of that", "nothing of that"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    """The configured ones everywhere, others by what they stand behind."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"
    redaction = Redaction(ExchangeConfig("binance", "KEY-1", "SECRET-2", key))
    assert redaction.text(text) == shown
    assert redaction.data(b"\xff" + text.encode()) == b"\xff" + shown.encode()
