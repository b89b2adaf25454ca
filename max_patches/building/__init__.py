"""Builds the patches from the protocol table: `python -m vampbridge.max_patches.building.build`, then `….picture`.

Needs py2max (extra `max`). What is built is committed, and tested for freshness.
"""
