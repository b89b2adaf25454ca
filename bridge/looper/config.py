"""The fixed sizes of a looper: default, range, unit and help, once."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...engine.settings import Range

CONFIG_RANGES: dict[str, Range] = {
    "sample_rate": Range(int, 8_000, 192_000, "Hz", "Of the device."),
    "n_slots": Range(int, 1, 32, "slots", "Loops that can play at the same time."),
    "n_inputs": Range(int, 1, 2, "channels", "Of the loops."),
    "n_outputs": Range(int, 1, 2, "channels", "Of the mix."),
    "max_block": Range(int, 1, 65_536, "frames", "Longest block that is processed at once."),
    "max_loop_s": Range(float, 1.0, 600.0, "s", "Longest loop; recording ends there by itself."),
    "memory_mb": Range(
        int,
        1,
        65_536,
        "MB",
        "For what was played in and can be undone, and as much again for takes; when it is full the oldest layers are "
        "forgotten.",
    ),
}


@dataclass(frozen=True)
class LooperConfig:
    """What a looper is made with, and keeps for life. See CONFIG_RANGES.

    Raises:
        SettingError: A size out of its range.
    """

    sample_rate: int = 48_000
    n_slots: int = 8
    n_inputs: int = 2
    n_outputs: int = 2
    max_block: int = 8_192
    max_loop_s: float = 60.0
    memory_mb: int = 256

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, CONFIG_RANGES[spec.name].check(spec.name, getattr(self, spec.name)))
