"""What the page says beside its figures."""

FIRST = """\
How many messages reach a handler as typed events, at what cost and how soon, beside other clients
on the same feed. `./dev bench --write` measures anew and writes this page; every figure on it comes
from there.

CPU a message is the figure to compare: user and system time of the client's whole process, from
just before the first frame to the last message handled. Messages a second depend on what else the
machine does, and on how many cores there are: the server, and each thread of a client, has its
share. Compare figures of one table, not of two."""

MIX = """\
60 % order book updates with 10 to 20 levels a side, a quarter of them deletions; 25 % trades,
10 % book tickers, 5 % tickers of 24 hours. `picows and msgspec`, without anything else, is the
reference: one pass over the bytes into structs with `Decimal`s, and a call. The connector checks
what it hands on besides (every number, the ids' continuity), and makes the `Decimal`s of a book's
levels when they are read; rows that say so read each of them. cryptofeed takes trades from another
stream, has no ticker and takes nothing but TLS: it is compared with picows on just that. It and
ccxt keep a book as well, which is more than the others do.
"""

LATENCY = """\
The server notes the time just before it sends a message by itself, at even intervals; the handler
notes it again. Both read the same clock of the machine."""

SCALE = """\
Book tickers, trades and order book updates of as many symbols as it takes, on as many sessions as
the exchange's limit of streams asks for. Until all are confirmed takes its time by design: the
connector keeps to the exchange's limit of commands a second, and puts at most 100 names into one."""

SLOW = """\
20,000 messages a second for five seconds, to a callable that takes ten times as long, under the
policies that subscriptions come with: what cannot be delivered is dropped or conflated, and told."""

BOOKS = """\
A book of 1,000 levels a side, and updates of about 16 levels that appear, change and go near its
best prices; the best 20 levels are delivered. Each client begins as it does on the exchange: the
updates come slowly until it has fetched its snapshot and shown a book. Then they come as fast as
they are taken, and are counted. The best 20 levels that it has in the end are compared with the
server's own: exactly, or as floats where a client has floats. None is in the table that differs.

"Books delivered" are the updates after which the subscriber was given the book. ccxt hands over a
book when the loop that awaits it has its turn, which is seldom when updates come this fast; by a
hook, the best 20 are taken after each. unicorn-binance-local-depth-cache delivers nothing: its
best 20 are looked at ten times a second, and it is measured with a tenth of the updates.
python-binance sorts the whole book when it is read; so it is measured with a twentieth of them, and
once more where nothing is read before the end. The connector's subscriptions have
`overflow="block"`, save where `conflate` is named, which is what they come with: it drops books
when a subscriber falls behind, and this one does not. The connector asks for 100 levels to show 20,
and anew when it runs short of them; the others ask for 1,000. The other clients of this page keep
no book.
"""

MANY_BOOKS = """\
Books of 1,000 levels a side, each of its own snapshot; for ccxt as for the connector, what the
process had at most beside what it had before the first of them."""

STAGES = """\
On the mix; the parts of decoding were measured by themselves, where they take less than one after
the other. Half of what is left is two passes over the bytes of each message, one that checks and
one of msgspec's, and a Python loop round them. To make it twice as fast, a step of C would have to
take the place of all three: one that takes frames apart, looks at numbers and makes events. Where
every level is read, making `Decimal`s is what counts, and nothing but making fewer helps."""

HOW = """\
- Each client runs in a process of its own, and the server in another: the frames are made
  beforehand, and handed to the system in pieces of 256 KiB, or one by one where a rate is given.
- Rounds are interleaved: every client once, then every client once more. The tables show medians.
- Runs at a rate last 2.5 seconds, and those with many subscriptions have 50,000 messages.
- The connector's subscriptions have `overflow="block"`, since every message counts; no client
  loses any. Peers that hand over dictionaries of text are converted to the same typed structs.
- Other clients are used as their documentation shows, at their quickest where they offer a choice
  (unicorn-binance-websocket-api with picows and `high_performance`). python-binance's queue is made
  large, so that it loses nothing. ccxt is counted when it has handled a message.
- websocket-client as it comes checks UTF-8 in Python, unless `wsaccel` is installed; the connector
  has that switched off, and checks by itself.
- A virtual machine with other work on it is noisy: differences of a few per cent mean nothing."""

ORDERS = """\
Market orders, one after the other, on a simulated exchange in another process on the same machine, which
takes about half of what the other clients need. They ask and wait on one thread. Here an order passes
threads: the connector's, the account's, the one that owns the socket (by REST, `rest`'s and a worker's),
and waking one costs some 40 µs on these machines; it is checked against the symbol's filters, written down
before it leaves, and by the websocket the account's own events come beside the answer, to which the others
have not subscribed. So it takes two to three times as long."""
