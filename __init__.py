"""Actors that turn exchange feeds into typed messages."""
