"""A websocket server that sends precomputed frames as fast as they are taken.

It runs in a process of its own and prints its port. For each connection it answers the handshake
and every SUBSCRIBE; after the first it sends the frames, then closes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import socket
import struct
import sys
import time
from typing import Any

SYMBOL = "BTCUSDT"
STREAMS = ("btcusdt@depth@100ms", "btcusdt@trade", "btcusdt@bookTicker", "btcusdt@ticker")
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CHUNK = 1 << 18


def payloads(count: int, seed: int = 1) -> list[bytes]:
    """A lifelike mix: 60 % depth updates, 25 % trades, 10 % book tickers, 5 % tickers."""
    chance = random.Random(seed)

    def price() -> str:
        return f"{chance.uniform(60000, 70000):.8f}"

    def quantity() -> str:
        return f"{chance.uniform(0, 5):.8f}"

    update, trade, ticker, made = 1, 1, 1, list[bytes]()
    now = 1_700_000_000_000
    for _ in range(count):
        kind = chance.choices(STREAMS, (60, 25, 10, 5))[0]
        if kind == STREAMS[0]:
            sides = [
                [[price(), "0.00000000" if chance.random() < 0.25 else quantity()]
                 for _ in range(chance.randint(10, 20))]
                for _ in "ba"
            ]  # fmt: skip
            data = {"e": "depthUpdate", "E": now, "s": SYMBOL, "U": update, "u": update + 9,
                    "b": sides[0], "a": sides[1]}  # fmt: skip
            update += 10
        elif kind == STREAMS[1]:
            data = {"e": "trade", "E": now, "s": SYMBOL, "t": trade, "p": price(),
                    "q": quantity(), "T": now, "m": chance.random() < 0.5, "M": True}  # fmt: skip
            trade += 1
        elif kind == STREAMS[2]:
            data = {"u": ticker, "s": SYMBOL, "b": price(), "B": quantity(), "a": price(),
                    "A": quantity()}  # fmt: skip
            ticker += 3
        else:
            numbers = {key: price() for key in "pPwxcQbBaAohlvq"}
            data = {"e": "24hrTicker", "E": now, "s": SYMBOL, **numbers, "O": now, "C": now,
                    "F": 1, "L": 2, "n": 2}  # fmt: skip
        frame = {"stream": kind, "data": data}
        made.append(json.dumps(frame, separators=(",", ":")).encode())
    return made


def framed(payload: bytes) -> bytes:
    """A payload as a server's text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    return b"\x81\x7e" + struct.pack("!H", size) + payload


def serve(count: int) -> None:
    """Serve one connection after another, until killed."""
    frames = [framed(payload) for payload in payloads(count)]
    blob = b"".join(frames)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        try:
            _serve_one(sock, blob)
        except OSError:
            pass
        finally:
            sock.close()


def _serve_one(sock: socket.socket, blob: bytes) -> None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(65536)
    if b"Sec-WebSocket-Key" not in head:
        sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
    accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
    sock.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    pending = set(STREAMS)
    while pending:
        command = _command(sock)
        pending -= set(command["params"])
        answer = json.dumps({"result": None, "id": command["id"]}).encode()
        sock.sendall(framed(answer))
    time.sleep(0.2)  # let every confirmation arrive
    for at in range(0, len(blob), _CHUNK):
        sock.sendall(blob[at : at + _CHUNK])
    sock.settimeout(30)
    sock.recv(1)


def _command(sock: socket.socket) -> dict[str, Any]:
    """One masked text frame of the client's."""
    head = _exactly(sock, 2)
    size = head[1] & 127
    if size == 126:
        (size,) = struct.unpack("!H", _exactly(sock, 2))
    mask = _exactly(sock, 4)
    masked = _exactly(sock, size)
    text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))
    command: dict[str, Any] = json.loads(text)
    return command


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


if __name__ == "__main__":
    serve(int(sys.argv[1]))
