"""`exchange-connector check`: can this machine reach the exchange, and what is wrong if not.

`probes` and `conversation` measure, `network`, `answers` and `rights` say what a measurement means,
`examination` has the order, `command` the options, and `render` the words on the screen.
"""
