"""Refusals of REST: those of the envelope, and those of HTTP alone.

Source: error.mdx. Nearly every refusal comes with HTTP 200 and says what it is in `retCode`. Where
the documentation has a number only, the words are those that clients have met.
"""

from __future__ import annotations

from ..wire.refusal import Refused

BAD_PARAMETER = 10001
FORBIDDEN_TEXT = "access too frequent"


class ApiError(Exception):
    """A refusal: answered as `{"retCode": …, "retMsg": …}`, with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad_parameter(message: str) -> ApiError:
    """A parameter is missing, or is none of those that are allowed."""
    return ApiError(BAD_PARAMETER, f"params error: {message}")


def illegal_category() -> ApiError:
    """There is no such category."""
    return ApiError(BAD_PARAMETER, "Illegal category")


def unknown_symbol() -> ApiError:
    """The symbol is not listed."""
    return ApiError(BAD_PARAMETER, "Not supported symbols")


def bad_time(sent: str, server_ms: int, window: str) -> ApiError:
    """The timestamp lies outside of the window."""
    told = f"req_timestamp[{sent}],server_timestamp[{server_ms}],recv_window[{window}]"
    message = f"invalid request, please check your server timestamp or recv_window param. {told}"
    return ApiError(10002, message)


def unknown_key() -> ApiError:
    """The key is nobody's."""
    return ApiError(10003, "API key is invalid.")


def bad_signature(signed_text: str) -> ApiError:
    """The signature is not that of what was sent; the answer repeats what should have been signed."""
    signed_text = signed_text.encode("utf-8", "replace").decode()  # of a body that is no UTF-8
    return ApiError(10004, f"error sign! origin_string[{signed_text}]")


def no_permission() -> ApiError:
    """The key may not do that."""
    return ApiError(10005, "Permission denied, please check your API key permissions.")


def too_many_visits() -> ApiError:
    """More requests of one endpoint than the account may make in a second."""
    return ApiError(10006, "Too many visits. Exceeded the API Rate Limit.")


def server_timeout() -> ApiError:
    """The request has been passed on, and nobody knows whether it was done."""
    return ApiError(10000, "Server Timeout")


def missing_authentication(timestamp: str, key: str, signature: str) -> ApiError:
    """Some of the headers are there that prove who somebody is, and others are not."""
    found = f"apiTimestamp[{timestamp}] apiKey[{key}] apiSignature[{signature}]"
    return ApiError(BAD_PARAMETER, f"empty value: {found}: openapi sign params error!")


def unauthorized() -> Refused:
    """None of those headers is there."""
    return Refused(401, "")


def too_frequent() -> Refused:
    """More requests, or dials, than the address may make; nothing says until when."""
    return Refused(403, FORBIDDEN_TEXT)


def body_of_get() -> Refused:
    """A GET that has a body."""
    return Refused(403, "Forbidden")


def not_found() -> Refused:
    """There is no such path."""
    return Refused(404, "404 page not found")
