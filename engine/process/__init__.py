"""The engine in a process of its own: neither its crashes nor its share of the interpreter lock touch the caller."""

from .client import EngineClient
from .options import EngineInfo, EngineOptions
from .pending import PendingVamp

__all__ = ["EngineClient", "EngineInfo", "EngineOptions", "PendingVamp"]
