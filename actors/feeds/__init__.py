"""From frames to subscribers.

`frame` (raw, decoded once), `backlog`, `mailbox` (a bound and its `policy`), `feed` (what one subscriber is
due) and `outgoing` (how it gets it), of three kinds: `thread_feed`, `subscriber`, `inline_feed`;
`delivery`, `actor_recipient`, `handlers`, `feeds`, `complaints`; `recovering` (mailboxes that ask for
what they missed).
"""
