"""Patches for Max and Max for Live, the script that builds them, and the command that installs them.

The patches are JSON built from the protocol table by `python -m vampbridge.max_patches.build`, which needs py2max
(extra `max`); installing them needs nothing. Knows nothing of the engine's inside.
"""
