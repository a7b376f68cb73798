"""The rooms: one actor a file, each a match on its messages round a machine of `core/`.

The rooms:      `breaker`, `rest`, `clock`, `registry`, `session`; `door` and `root` are the two
                halves of the connector itself, which `runtime.py` puts together
their base:     `room` (an actor whose death is told), `supervisor`, `office` (a stable address),
                `inbox` (timers), `reply` (answers that come later), `asyncio_bridge`
round `rest`:   `call` (one request), `gate` (lanes, places, weight), `sender`, `workers`, `http`,
                `verdict` (what came of it), `ledger` (what was sent to a host), `exchange_clock`
round `session`: `pump` (the thread that owns the socket), `wire` (the websocket), `dialling`
round `registry`: `desk` (what users want), `stream_table` (which session carries what)
to subscribers: `frame` (raw, decoded once), `backlog`, `mailbox` (bound and policy), `feed` (what one
                subscriber is due) and `outgoing` (how it gets it), of three kinds: `thread_feed`,
                `subscriber`, `inline_feed`; `delivery`, `actor_recipient`, `handlers`, `feeds`
"""
