"""Websockets as a server holds them: frames, connections, heartbeats, and who hears what."""
