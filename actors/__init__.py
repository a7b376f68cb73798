"""The rooms: one actor a file, each a match on its messages round a machine of `core/`.

The rooms:      `breaker`, `rest`, `clock`, `recovery`, `registry`, `books`, `session`, `recorder`;
                `connector` is the one that users see, which supervises the others
their base:     `base`
their work:     `sending` (of `rest`), `sockets` (of `session`), `streams` (of `registry`), `kept` (of
                `books`), `tapes` (of `recorder`)
to subscribers: `feeds`
"""
