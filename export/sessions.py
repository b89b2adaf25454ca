"""Graphs opened one at a time, as those of a bundle are, for the checks of an export."""

from __future__ import annotations

from ..engine import sessions
from ..engine.runtime import CodecRuntime


def open_session(graph: bytes) -> sessions.Session:
    """A session on the CPU.

    Raises:
        BundleError: The graph cannot be loaded.
    """
    return sessions.open_session(graph, what="the exported graph")


def open_codec(encoder: bytes, decoder: bytes, *, hop: int, context: int) -> CodecRuntime:
    """Both graphs of a codec with the surroundings that the engine gives them; sizes as in a manifest."""
    return CodecRuntime(open_session(encoder), open_session(decoder), hop=hop, context=context)
