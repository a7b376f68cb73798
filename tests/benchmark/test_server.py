"""The feed's end of a connection, and what it sends in which pieces."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from bench import frames, server
from bench.connection import Closed, Connection, unmasked

MASK = b"\x01\x02\x03\x04"


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def masked(text: bytes, opcode: int = 1) -> bytes:
    """A short frame of a client's."""
    return bytes((0x80 | opcode, 0x80 | len(text))) + MASK + unmasked(text, MASK)


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    mine, theirs = socket.socketpair()
    theirs.settimeout(10)
    with mine, theirs:
        yield Connection(mine, {"/known": {"a": 1}}.get), theirs


def opened(ends: tuple[Connection, socket.socket], path: str) -> list[str]:
    connection, client = ends
    client.sendall(request(path, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
    names = connection.open()
    # the example of RFC 6455, 1.3
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in client.recv(4096)
    return names


def test_the_address_may_name_streams(ends: tuple[Connection, socket.socket]) -> None:
    assert opened(ends, "/stream?streams=a@trade/b@trade") == ["a@trade", "b@trade"]


def test_commands_are_confirmed(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    assert opened(ends, "/ws") == []
    command = {"method": "SUBSCRIBE", "params": ["a@trade"], "id": 7}
    client.sendall(masked(json.dumps(command).encode()))
    assert list(connection.commands()) == [command]
    assert client.recv(4096) == frames.framed(b'{"result":null,"id":7}')


def test_a_command_may_come_in_pieces(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    opened(ends, "/ws")
    frame = masked(b'{"method":"SUBSCRIBE","params":[],"id":1}')
    client.sendall(frame[:9])
    assert list(connection.commands()) == []
    client.sendall(frame[9:])
    assert [each["id"] for each in connection.commands()] == [1]


def test_pings_are_answered(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    opened(ends, "/ws")
    client.sendall(masked(b"hello", 9))
    assert list(connection.commands()) == []
    assert client.recv(4096) == frames.framed(b"hello", 10)


def test_a_close_is_answered(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    opened(ends, "/ws")
    client.sendall(masked(b"\x03\xe8", 8))
    with pytest.raises(Closed):
        list(connection.commands())
    assert client.recv(4096) == frames.framed(b"\x03\xe8", 8)


@pytest.mark.parametrize(
    ("path", "status", "body"), [("/known", b"200", {"a": 1}), ("/other", b"404", None)]
)
def test_rest(
    ends: tuple[Connection, socket.socket], path: str, status: bytes, body: object
) -> None:
    connection, client = ends
    client.sendall(request(path))
    with pytest.raises(Closed):
        connection.open()
    head, _, told = client.recv(4096).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == status
    assert json.loads(told) == body


def test_pieces_are_whole_frames_in_order() -> None:
    """Each connection gets its streams' frames, and none of them twice."""
    names = frames.symbols(2)
    made = list(frames.Market().messages("mix", 3_000, names))
    sent = [(each.stream, frames.framed(each.data)) for each in made]
    sockets = [socket.socketpair() for _ in names]
    connections = [Connection(pair[0], dict[str, object]().get) for pair in sockets]
    carried = {
        stream: connections[number]
        for number, name in enumerate(names)
        for stream in frames.streams("mix", [name])
    }
    pieces = list(server.blobs(sent, carried))
    for connection in connections:
        whole = b"".join(piece for each, piece in pieces if each is connection)
        mine = [frame for stream, frame in sent if carried[stream] is connection]
        assert whole == b"".join(mine)
    assert max(len(piece) for _, piece in pieces) < server.CHUNK + 4_096
    assert len(pieces) > len(connections)
    for pair in sockets:
        for end in pair:
            end.close()
