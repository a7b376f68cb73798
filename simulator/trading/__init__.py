"""Accounts and the matching of their orders. It knows no wire, no socket and no clock."""
