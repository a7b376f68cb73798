"""How long it takes from asking for an order to its answer, beside the peers, on one exchange."""
