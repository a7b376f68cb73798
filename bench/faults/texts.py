"""What the page says beside its figures."""

FIRST = """\
What becomes of one stream of trades when something goes wrong, with the connector and with five
other clients as they are released, each written as its README shows. A trade has an id that is one
more than that of the trade before it, so that nothing can be lost, doubled or late unseen.
`./dev bench faults --write` measures anew and writes this page; every figure on it comes from
there."""

READING = """\
- *told*: from the fault to the first thing that the library told its user: an exception, a
  callback, an error message, a signal. What it writes to its log is not told.
- *back*: from the end of the fault (from the fault, if it is an instant, or if data was back while
  it lasted) to the first trade handed over that the market made after it. *No data again*: none
  within the row's patience, which the cell names.
- *lost*: trades that are missing, and nothing was told between the fault and live data.
- *missed and told*: trades that are missing, and something was told, whatever its words.
- *twice*, *out of order*: trades that were handed over again, or after a later one.
- Where none of these is named, nothing was lost without notice, doubled or out of order."""

HOW = """\
- A row is run with all clients at once, each in a process of its own and with an exchange of its
  own, at about 20 trades a second, behind a proxy that passes on TCP. Client and exchange have been
  at it for six seconds when something goes wrong. Each row was run once; where a client waits at
  random before it dials again, another run has other figures, and python-binance, which dials five
  times, may come back in one and not in the next.
- The rows are those of the connector's own campaign of faults, whose account of the connector is
  stricter: there a notice has to stand where events are missing, and to name them rightly.
- "Told" is lenient on purpose: any word between the fault and live data is taken for the notice of
  all that is missing in between.
- python-binance is read in the loop of its README. Where it gives up, `recv()` raises; the README
  shows nothing for that, and the loop ends. What a new socket would do is not measured.
- ccxt is called again after every exception, as in its manual; it dials when it is called.
- unicorn-binance-websocket-api has a callback for data and one for its stream signals.
- cryptofeed has no way to tell its user anything; what its tasks raise would be told. It takes
  aggregate trades, which are counted as the trades that they stand for, and by TLS alone: here the
  address that it dials is made plain.
- binance-sdk-spot has a handler of messages, and `on_connection` for closing, reconnecting and
  errors. Its README shows nothing for what a program is to do then, and here it does nothing.
- The connector has one callable for its trades and one for `subscribe_events`, and the settings
  that it comes with.
- Where rows concern requests, the exchange's time is asked for once a second.
- The user of the burst takes 5 ms for each trade: with `await asyncio.sleep` where he is a
  coroutine, and `time.sleep` where he is a callback.
- The resolver and the wall clock are those that Python has in the client's process; the name that
  does not resolve is not reached by other ways either."""
