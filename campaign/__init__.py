"""The campaign: every fault of a link, an exchange and a clock, against a client, accounted for."""
