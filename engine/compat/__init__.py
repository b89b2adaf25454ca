"""The published VampNet where it differs from ours: for parity checks and for replaying published results.

A performer's road leads through here only where the setting `compat` asks for it. What is not here agrees with the rest
of the engine. Everything lies on the line; nothing wraps.
"""
