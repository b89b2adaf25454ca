"""A client of the server: what any OSC program can do, as a typed Python interface.

    from vampbridge.bridge.client import VampbridgeClient

    with VampbridgeClient() as client:
        client.set(temperature=1.2)
        (take,) = client.vamp_file("loop.wav", "vamped.wav")

`AsyncVampbridgeClient` does the same for asyncio.
"""

from .asynchronous import AsyncVampbridgeClient
from .errors import DisconnectedError, NoAnswerError, ServerError
from .slots import AsyncSlot, Slot
from .synchronous import VampbridgeClient

__all__ = [
    "AsyncSlot",
    "AsyncVampbridgeClient",
    "DisconnectedError",
    "NoAnswerError",
    "ServerError",
    "Slot",
    "VampbridgeClient",
]
