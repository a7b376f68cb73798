"""What happens to a request on its way out and back.

`call` (one request), `gate` (lanes, places, weight), `sender`, `http`, `http_job`, `verdict` (what
came of it), `ledger` (what was sent to a host), `rest_notes`.
"""
