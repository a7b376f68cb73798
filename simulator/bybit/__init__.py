"""Bybit's v5 interface, written from its documentation: spot and linear, REST and streams."""
