"""Demo loops that ship with the package; SOURCES.md has their origins and licences."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingError

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class DemoLoop:
    """A loop in 4/4 that closes at its seam: mono, 44.1 kHz.

    Attributes:
        name: one word.
        path: the FLAC file.
        bpm: tempo in quarter notes per minute.
        bars: length in bars.
        description: what it is, in a musician's words.
    """

    name: str
    path: Path
    bpm: float
    bars: int
    description: str


def demo_loops() -> tuple[DemoLoop, ...]:
    """All demo loops; the first is the one played when nobody chose."""
    return (
        _loop("drums", "drums_120bpm_4bars", (120, 4), "A dry drum kit, straight eighths"),
        _loop("funky", "beat_funky_120bpm_2bars", (120, 2), "A funky break with ghost notes"),
        _loop("arovane", "beat_arovane_c_130bpm_4bars", (130, 4), "A broken electronic beat by Arovane"),
        _loop("bass", "bass_a_major_72bpm_2bars", (72, 2), "A fingered bass line in A major"),
        _loop("guitar", "guitar_fsharp_major_93bpm_2bars", (93, 2), "A guitar figure in F sharp major"),
        _loop("chords", "chords_d_harmonic_minor_81bpm_2bars", (81, 2), "Chords in D harmonic minor"),
        _loop("piano", "piano_rendered_f_maj_146bpm_4bars", (146, 4), "A grand piano in F major"),
        _loop("melody", "melody_b_minor_73bpm_2bars", (73, 2), "A lead melody in B minor"),
        _loop("lofi", "mix_lofi_oceanside_85bpm_2bars", (85, 2), "A lo-fi tune, whole band"),
        _loop("run", "mix_game_fun_run_140bpm_4bars", (140, 4), "A cheerful game tune, whole band"),
    )


def demo_loop(name: str) -> DemoLoop:
    """One demo loop by its name.

    Raises:
        SettingError: No loop of that name; lists those there are.
    """
    loops = {loop.name: loop for loop in demo_loops()}
    if name not in loops:
        raise SettingError(f"demo loop must be one of {', '.join(loops)}, got {name!r}")
    return loops[name]


def _loop(name: str, file: str, bpm_and_bars: tuple[float, int], description: str) -> DemoLoop:
    return DemoLoop(name, FOLDER / f"{file}.flac", *bpm_and_bars, description)
