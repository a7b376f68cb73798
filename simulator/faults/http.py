"""Faults by HTTP, under a path that the real exchange has not: `/_exchange`.

What is asked here costs no weight, stands in no journal, and is answered during every fault.
It is for programs on this machine: a request from a web page is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from aiohttp import web

from ..market.books import BookView
from .engine import ActiveFault, FaultEngine
from .plan import Span
from .reading import FaultError, check_value, described, read_fault, written

ROOT = "/_exchange"
HOSTS = ("127.0.0.1", "localhost")
Reply = dict[str, Any]
PATHS = {
    f"GET {ROOT}": "this list, and the kinds of faults with their fields",
    f"GET {ROOT}/state": "what the exchange has seen, and how it stands",
    f"GET {ROOT}/book?symbol=S&update_id=N&category=C&depth=D": (
        "the true book, now or at a recent update id; category and depth where there are several"
    ),
    f"GET {ROOT}/faults": "the faults at work",
    f"POST {ROOT}/faults": 'apply a fault: {"fault": "stall", "for": 3}, `for` in seconds if given',
    f"DELETE {ROOT}/faults": "end all faults",
    f"DELETE {ROOT}/faults/ID": "end one",
}


class HttpError(Exception):
    """A request that cannot be done: answered with a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class HttpDoor:
    """Answers the requests under `/_exchange`."""

    def __init__(
        self,
        engine: FaultEngine,
        state: Callable[[], dict[str, Any]],
        book: Callable[[str, int | None, str | None, int | None], BookView],
    ) -> None:
        self._engine = engine
        self._state = state
        self._true_book = book

    def add_to(self, application: web.Application) -> None:
        """Add the paths to the exchange's own."""
        router = application.router
        router.add_get(ROOT, _answered(self._help))
        router.add_get(f"{ROOT}/state", _answered(self._tell_state))
        router.add_get(f"{ROOT}/book", _answered(self._book))
        router.add_get(f"{ROOT}/faults", _answered(self._list))
        router.add_post(f"{ROOT}/faults", _answered(self._apply))
        router.add_delete(f"{ROOT}/faults", _answered(self._clear))
        router.add_delete(f"{ROOT}/faults/{{id}}", _answered(self._undo))
        router.add_route("*", f"{ROOT}{{rest:(/.*)?}}", _answered(_unknown))

    async def _help(self, _: web.Request) -> Reply:
        return {"paths": PATHS, "kinds": described()}

    async def _tell_state(self, _: web.Request) -> Reply:
        return self._state()

    async def _book(self, request: web.Request) -> Reply:
        symbol, category = request.query.get("symbol", "").upper(), request.query.get("category")
        update_id, depth = _number_of(request, "update_id"), _number_of(request, "depth")
        try:
            view = self._true_book(symbol, update_id, category, depth)
        except LookupError as error:
            raise HttpError(404, str(error.args[0])) from None
        return {
            "symbol": view.symbol,
            "update_id": view.update_id,
            "bids": view.bids,
            "asks": view.asks,
        }

    async def _list(self, _: web.Request) -> Reply:
        return {"faults": [_listed(active) for active in self._engine.active()]}

    async def _apply(self, request: web.Request) -> Reply:
        values = await _object_of(request)
        lasts = values.pop("for", None)
        wrong = check_value("for", lasts, Span) if lasts is not None else []
        try:
            fault = read_fault(values)
        except FaultError as error:
            raise HttpError(400, "; ".join([*wrong, *error.errors])) from None
        if lasts is not None and not fault.lasting:
            wrong.append("for: the fault is over at once")
        if wrong:
            raise HttpError(400, "; ".join(wrong))
        try:
            return {"id": self._engine.apply(fault, lasts=lasts)}
        except FaultError as error:
            raise HttpError(400, str(error)) from None

    async def _clear(self, _: web.Request) -> Reply:
        return {"ended": self._engine.clear()}

    async def _undo(self, request: web.Request) -> Reply:
        text = request.match_info["id"]
        number = _whole_number(text)
        if number is None or not self._engine.undo(number):
            raise HttpError(404, f"id: no fault {text[:40]} is at work")
        return {"ended": 1}


async def _unknown(request: web.Request) -> Reply:
    raise HttpError(404, f"{request.method} {request.path} is not here; see GET {ROOT}")


def _answered(
    handle: Callable[[web.Request], Awaitable[Reply]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The reply as JSON, or what is wrong with the request."""

    async def answer(request: web.Request) -> web.Response:
        try:
            _check_sender(request)
            return _json(200, await handle(request))
        except HttpError as error:
            return _json(error.status, {"error": str(error)})

    return answer


def _check_sender(request: web.Request) -> None:
    """Refuse what a browser sends for a web page, also one that took a name of this machine."""
    if "Origin" in request.headers:
        raise HttpError(403, "Origin: web pages may not use this")
    host = request.host.lower()
    if host.rpartition(":")[0] not in HOSTS and host not in HOSTS:
        raise HttpError(403, f"Host: {request.host!r} is none of {', '.join(HOSTS)}")


async def _object_of(request: web.Request) -> dict[str, Any]:
    try:
        values: Any = json.loads(await request.read())
    except web.HTTPRequestEntityTooLarge as error:
        raise HttpError(413, f"body: {error.text}") from None
    except RecursionError:
        raise HttpError(400, "body: nested too deeply") from None
    except ValueError as error:
        raise HttpError(400, f"body: not JSON ({error})") from None
    if not isinstance(values, dict):
        raise HttpError(400, "body: not a JSON object")
    return cast(dict[str, Any], values)


def _number_of(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    number = _whole_number(text) if text is not None else None
    if text is not None and number is None:
        raise HttpError(400, f"{name}: {text[:40]!r} is no whole number")
    return number


def _whole_number(text: str) -> int | None:
    """The number that is written there, of as many digits as any of ours has."""
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) else None


def _listed(active: ActiveFault) -> Reply:
    told: Reply = {"id": active.id, **written(active.fault)}
    if active.left is not None:
        told["left"] = active.left
    if active.ends_in is not None:
        told["ends_in"] = round(active.ends_in, 3)
    return told


def _json(status: int, reply: Reply) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(reply) + b"\n", content_type="application/json"
    )
