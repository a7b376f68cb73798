"""One websocket session's connections.

`connections` (the session's base), `link` (one connection), `succession` and `overlap` (from one to the
next), `pump` (the thread that owns the socket), `notices` (what that tells), `wire` (the websocket),
`outbox` (what is to be sent), `dialling`.
"""
