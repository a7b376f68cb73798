"""Binance's spot interface, written from its documentation: REST and market streams."""
