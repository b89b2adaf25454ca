"""Patches for Max and Max for Live, and the command that installs them, which needs nothing but the core.

The patches are JSON, built from the protocol table by `vampbridge.max_patches.building`, which needs py2max (extra
`max`). Knows nothing of the engine's inside.
"""
