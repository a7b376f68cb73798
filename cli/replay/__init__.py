"""`exchange-connector replay`: a recording runs through the same actors once more.

What was recorded is served on loopback to a connector of the same configuration, in the same order;
its decisions have to be the recorded ones. Before the next frame is sent, each recorded decision is
waited for, so that what came of one thing is not mistaken for what came of the next.
"""
