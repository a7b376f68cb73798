"""What the way to the exchange is like: names, connections, certificates, proxies. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...messages.config_secrets import without_credentials
from .finding import Check, Finding, Value, milliseconds
from .measured import Blocked, Connected, Names, NoNames, Obstacle, Target, Tls, TunnelAnswer

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
"""The environment's proxies, which other programs heed; in lower case too."""
FEW_DAYS = 14.0
"""A certificate that ends sooner is told."""

_SHOWN = 2
_NAME = {"REST": Check.REST_NAME, "stream": Check.STREAM_NAME}
_CONNECTION = {"REST": Check.REST_CONNECTION, "stream": Check.STREAM_CONNECTION}

_FIREWALL = "see whether a firewall or the network keeps this machine from it"
_ADVICE = {
    Obstacle.NO_NAME: "Correct the host name, or mend this machine's DNS.",
    Obstacle.TIMED_OUT: f"Packets go out and nothing comes back: {_FIREWALL}.",
    Obstacle.REFUSED: (
        "Nothing listens there: correct the port, start what should listen, or have the firewall "
        "let it through."
    ),
    Obstacle.UNREACHABLE: "There is no way there: see whether this machine has a network at all.",
    Obstacle.CLOSED: f"Something on the way, or the far end, hung up: {_FIREWALL}.",
    Obstacle.NOT_TLS: (
        "Correct the port, or write http:// or ws:// where no TLS is wanted (on this machine only)."
    ),
    Obstacle.EXPIRED: (
        "If this machine's date is right, it is the far end's fault: correct the URL, or wait for "
        "a new certificate."
    ),
    Obstacle.NOT_YET_VALID: "Set this machine's date: timedatectl set-ntp true.",
    Obstacle.UNKNOWN_ISSUER: (
        "Something on the way opens TLS (a company's proxy, a virus scanner), or this is not the "
        "exchange: send no key this way, or name an authority that you trust in connection.ca_file."
    ),
    Obstacle.WRONG_NAME: (
        "Correct the URL; if it is right, something on the way answers instead of the exchange: "
        "send no key this way."
    ),
    Obstacle.TLS_SILENT: (
        "What listens there is stuck, or does not speak TLS: correct the port, or see the far "
        "end's status page."
    ),
    Obstacle.TLS_OLD: (
        "The far end, or something on the way that answers for it, speaks none but versions that "
        "are no longer safe: correct the URL, or have it brought up to date."
    ),
    Obstacle.TLS_FAILED: f"The two ends found no common ground: {_FIREWALL}.",
}


def judge_name(target: Target, outcome: Names | NoNames | None) -> Finding:
    """A host name's look-up; None where the host is an address."""
    check = _NAME[target.role]
    match outcome:
        case None:
            return Finding.ok(check, f"{target.host}: an address, nothing to look up")
        case Names(addresses, seconds):
            shown = ", ".join(addresses[:_SHOWN])
            more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
            return Finding.ok(
                check,
                f"{target.host}: {shown}{more}, in {milliseconds(seconds)}",
                host=target.host,
                addresses=len(addresses),
                seconds=seconds,
            )
        case NoNames(reason, is_late):
            advice = (
                "The name servers do not answer: see /etc/resolv.conf and the network."
                if is_late
                else "Correct the host name if it is wrong; otherwise this machine's DNS does not "
                "know it: see /etc/resolv.conf."
            )
            return Finding.wrong(check, f"{target.host}: {reason}", advice, host=target.host)


def judge_connection(target: Target, outcome: Connected | Blocked) -> Finding:
    """TCP and TLS to a host."""
    check = _CONNECTION[target.role]
    if isinstance(outcome, Blocked):
        detail = f" ({outcome.detail})" if outcome.detail else ""
        figure = f"{target.place}: {outcome.obstacle}{detail}"
        advice = _ADVICE[outcome.obstacle]
        return Finding.wrong(check, figure, advice, obstacle=outcome.obstacle.name.lower())
    if outcome.tls is None:
        return _judge_plain(check, target, outcome.seconds)
    return _judge_tls(check, target, outcome.seconds, outcome.tls)


def _judge_plain(check: Check, target: Target, seconds: float) -> Finding:
    figure = f"{target.place}: TCP in {milliseconds(seconds)}"
    if target.is_exposed:
        advice = "Anybody on the way can read and change what is sent: use https:// and wss://."
        return Finding.warning(check, f"{figure}, no TLS", advice, tcp_seconds=seconds)
    return Finding.ok(check, f"{figure}, no TLS on this machine: fine", tcp_seconds=seconds)


def _judge_tls(check: Check, target: Target, seconds: float, tls: Tls) -> Finding:
    figure = (
        f"{target.place}: TCP in {milliseconds(seconds)}, {tls.version} in {milliseconds(tls.seconds)}, "
        f"certificate of {tls.issuer} for {tls.days_left:.0f} more days"
    )
    values: dict[str, Value] = {
        "tcp_seconds": seconds,
        "tls_seconds": tls.seconds,
        "tls_version": tls.version,
        "issuer": tls.issuer,
        "certificate_days": round(tls.days_left, 1),
    }
    if tls.days_left < FEW_DAYS:
        advice = "When it ends, connections fail: see whether the far end renews it in time."
        return Finding.warning(check, figure, advice, **values)
    return Finding.ok(check, figure, **values)


def judge_no_proxy(environ: Mapping[str, str]) -> Finding:
    """No proxy is configured."""
    names = (name for each in VARIABLES for name in (each, each.lower()))
    named = [name for name in names if environ.get(name)]
    if not named:
        return Finding.ok(Check.PROXY, "none")
    which = " and ".join(named)
    return Finding.warning(
        Check.PROXY,
        f"none is used, though the environment has {which}",
        "This library reads no proxy from the environment: if one is needed, set connection.proxy.",
        ignored=which,
    )


def judge_proxy(
    proxy: str, answers: Sequence[tuple[Target, TunnelAnswer | Blocked]], reached: float
) -> Finding:
    """The configured proxy; `reached` seconds until TCP's connection, as far as that came."""
    place = without_credentials(proxy)
    for target, answer in answers:
        if isinstance(answer, Blocked):
            detail = f" ({answer.detail})" if answer.detail else ""
            return Finding.wrong(
                Check.PROXY,
                f"{place}: {answer.obstacle}{detail}",
                "Correct connection.proxy, or have the proxy started.",
                obstacle=answer.obstacle.name.lower(),
            )
        if not is_open(answer):
            said = f"status {answer.status}" if answer.status else "no HTTP"
            return Finding.wrong(
                Check.PROXY,
                f"{place} opens no tunnel to {target.place}: {said}",
                _tunnel_advice(target, answer.status),
                status=answer.status,
            )
    opened = " and ".join(target.place for target, _ in answers)
    opens = f", opens {opened}" if opened else ""
    return Finding.ok(
        Check.PROXY, f"{place}: TCP in {milliseconds(reached)}{opens}", tcp_seconds=reached
    )


def is_open(answer: TunnelAnswer | Blocked) -> bool:
    """Whether a proxy has opened a tunnel."""
    return isinstance(answer, TunnelAnswer) and answer.status == 200


def _tunnel_advice(target: Target, status: int) -> str:
    match status:
        case 407:
            return (
                "The proxy wants a user and a password, or other ones: set connection.proxy to "
                "http://user:password@host:port."
            )
        case 401 | 403 | 405:
            return (
                f"The proxy forbids it: have its owner allow CONNECT to port {target.port} of "
                f"{target.host}."
            )
        case 0:
            return "What listens there is no HTTP proxy: correct connection.proxy."
        case _:
            return "The proxy works and cannot get there itself: ask its owner why."
