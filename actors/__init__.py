"""The rooms: one actor a file, each a match on its messages round a machine of `core/`.

The rooms:      `breaker`, `rest`, `clock`, `recovery`, `registry`, `books`, `session`; `door` and
                `root` are the two halves of the connector itself, which `runtime.py` puts together
their base:     `room` (an actor whose death is told), `supervisor`, `office` (a stable address),
                `inbox` (timers), `reply` (answers that come later), `asyncio_bridge`,
                `journal` (the log), `forks`, `exits`
the recorder:   `tape` (what is kept), `recorder` (when a file is written), `recorded` (the root's
                part), `recording_file`, `rest_notes`, `redaction`
round the root: `readiness`, `rollovers`, `hearsay` (floods, bounded), `exchange_clock`, `complaints`
round `rest`:   `call` (one request), `gate` (lanes, places, weight), `sender`, `workers`, `http`,
                `http_job`, `verdict` (what came of it), `ledger` (what was sent to a host)
round `session`: `connections` (its base), `link` (one connection), `succession` and `overlap` (from
                one to the next), `pump` (the thread that owns the socket), `notices` (what that
                tells), `wire` (the websocket), `outbox` (what is to be sent), `dialling`
round `registry`: `desk` (what users want), `stream_table` (which session carries what), `publisher`,
                `symbols`, `freshness` (which streams are silent), `book_line`
round `books`:  `kept_book`, `book_streams`, `snapshots`
to subscribers: `frame` (raw, decoded once), `backlog`, `mailbox` (bound and policy), `feed` (what one
                subscriber is due) and `outgoing` (how it gets it), of three kinds: `thread_feed`,
                `subscriber`, `inline_feed`; `delivery`, `actor_recipient`, `handlers`, `feeds`;
                `recovering` (mailboxes that ask for what they missed)
"""
