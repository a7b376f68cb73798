"""A client that passes on what it reads, and dials again when that fails; told of or in silence.

It is run by the campaign: `naive_client.py [telling]`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from typing import Any

import websocket

ORDER = json.loads(sys.stdin.readline())


def say(**line: Any) -> None:
    """One line."""
    print(json.dumps(line), flush=True)


def trade() -> None:
    """Hand the trades of one connection to the user."""
    url = f"{ORDER['stream_url']}/ws/{ORDER['symbol'].lower()}@trade"
    socket: Any = websocket.create_connection(url, timeout=5)
    with contextlib.closing(socket):
        say(up=True)
        while True:
            say(trade=json.loads(socket.recv())["t"], at=time.monotonic())


def run() -> None:
    """For ever."""
    while True:
        try:
            trade()
        except (OSError, websocket.WebSocketException) as error:
            if "telling" in sys.argv:
                say(told=str(error), at=time.monotonic())
            time.sleep(0.3)


threading.Thread(target=run, daemon=True).start()
sys.stdin.read()
os._exit(0)
