"""Runs a client's program with a resolver and a wall clock that the rig can set wrong.

    python hooks.py CONTROLS -m MODULE | FILE [ARGUMENT...]

It imports nothing but the standard library, so that it starts the programs of other clients in
their own environments, and it is done before those import theirs. `CONTROLS` is a file that both
sides map: the seconds by which the wall clock is off, and whether names resolve. What it cannot
reach: resolvers and clocks in C (c-ares, libuv, `datetime.now()`).
"""

from __future__ import annotations

import mmap
import os
import runpy
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

LAYOUT = struct.Struct("<d?")
"""Seconds that the wall clock is off, and whether names resolve."""


def install(controls: Path) -> None:
    """Put our own resolver and wall clock in the place of the process's."""
    with controls.open("rb") as file:
        shared = mmap.mmap(file.fileno(), LAYOUT.size, access=mmap.ACCESS_READ)
    look_up, now, now_ns = socket.getaddrinfo, time.time, time.time_ns

    def getaddrinfo(*arguments: Any, **named: Any) -> Any:
        if not LAYOUT.unpack_from(shared)[1]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return look_up(*arguments, **named)

    def wall() -> float:
        return now() + float(LAYOUT.unpack_from(shared)[0])

    def wall_ns() -> int:
        return now_ns() + int(LAYOUT.unpack_from(shared)[0] * 1e9)

    for module, name, mine in (
        (socket, "getaddrinfo", getaddrinfo),
        (time, "time", wall),
        (time, "time_ns", wall_ns),
    ):
        setattr(module, name, mine)


def main() -> None:
    """Install the hooks, and become the client's program."""
    controls, *program = sys.argv[1:]
    sys.path[0] = os.getcwd()  # not this folder, whose modules have common names
    install(Path(controls))
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = program
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main()
