"""The fixed sizes of a looper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LooperConfig:
    """What a looper is made with, and keeps for life.

    Attributes:
        sample_rate: Of the device, in Hz, 8,000 to 192,000.
        n_slots: 1 to 32.
        n_inputs: Channels that come in, 1 or 2: a stereo loop, or a mono one.
        n_outputs: Channels that go out, 1 or 2.
        max_block: Longest block that `process` is given, in frames.
        max_loop_s: Longest loop; recording ends there by itself.
        memory_mb: For what was played in and can be undone, and as much again for takes; when it is full the oldest
            layers are forgotten.
    """

    sample_rate: int = 48_000
    n_slots: int = 8
    n_inputs: int = 2
    n_outputs: int = 2
    max_block: int = 8_192
    max_loop_s: float = 60.0
    memory_mb: int = 256
