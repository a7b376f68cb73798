"""The market: books, trades and candles that follow from a seed. It knows no wire and no socket."""
