"""The set as a page of text: one line for each slot, the sound card, the last that happened. No terminal here."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size

from ..audio.reports import AudioCounters, AudioInfo, BlockFailed, LooperLost
from ..looper.messages import Refused, Seam, StateChanged, VampWanted
from .events import Note, StageEvent, TakeHeard, TakeMade, VampFailed, VampPlanned, VampProgress
from .fate import fate_of_sound
from .keys import help_lines

MAX_REMARKS = 4
MAX_REMARK_LINES = 6  # of all of them, but the newest has as many as it needs
N_OTHER_LINES = 3  # that always stand above them: a slot, a gap, the sound card
INDENT = "  "  # of what goes on in a second line
BAR = 10
CUT = "…"
NO_ENGINE = "engine: loading … · "


@dataclass(frozen=True)
class Size:
    """Of the page: columns and lines, at least 1."""

    width: int = 80
    height: int = 24


@dataclass(frozen=True)
class Sound:
    """The sound card and what was counted.

    Attributes:
        info: The card.
        counters: What was counted.
        tempo_bpm: None while there is no beat.
        has_engine: Whether variations can be made by now.
    """

    info: AudioInfo
    counters: AudioCounters
    tempo_bpm: float | None = None
    has_engine: bool = True


@dataclass
class SlotLine:
    """What is shown of one slot."""

    state: StateChanged | None = None
    cycle: int = 0
    vamp: str = ""


class Display:
    """Hears events and shows them when asked. From any thread.

    Args:
        n_slots: Lines.
    """

    def __init__(self, n_slots: int) -> None:
        self._slots = [SlotLine() for _ in range(n_slots)]
        self._said: deque[str] = deque(maxlen=MAX_REMARKS)
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """One more remark at the bottom; the oldest goes."""
        with self._lock:
            self._said.append(text)

    def hear(self, event: StageEvent) -> None:
        """Something happened."""
        slot = getattr(event, "slot", -1)
        said = _said_of(event)
        with self._lock:
            if 0 <= slot < len(self._slots):
                _change(self._slots[slot], event)
            elif isinstance(event, LooperLost):
                self._slots = [SlotLine() for _ in self._slots]
            self._said.extend(said)

    def lines(self, chosen: int, sound: Sound, *, size: Size | None = None) -> list[str]:
        """The page.

        Args:
            chosen: Slot that is marked, from 0; it is always on the page.
            sound: What is told of it.
            size: Of the page: what has no room is left out, the help first. Remarks are wrapped, other long lines cut.
        """
        size = size or Size()
        rate = max(1, sound.info.sample_rate)
        with self._lock:
            said = list(self._said)
            slots = [
                f"{'>' if index == chosen else ' '}{index + 1:>2}  {_line(line, rate)}"
                for index, line in enumerate(self._slots)
            ]
        below = ["", _sound_line(sound), *_remark_lines(said, size)]
        page = [*slots, *below, "", *help_lines(size.width)]
        if len(page) > size.height:
            page = [*slots, *below]
        if len(page) > size.height:
            n_slots = max(1, size.height - len(below))
            first = max(0, min(chosen - n_slots // 2, len(slots) - n_slots))
            page = [*slots[first : first + n_slots], *below][: size.height]
        return [fitted(line, size.width) for line in page]


def fitted(text: str, width: int) -> str:
    """One line of at most `width` columns, of which a wide character takes two."""
    line = " ".join(text.splitlines())
    return line if cell_len(line) <= width else set_cell_size(line, width - cell_len(CUT)) + CUT


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` columns, broken between words where they are not longer than a line."""
    indent = INDENT if width > 2 * len(INDENT) else ""
    lines = [""]
    for word in text.split():
        for part in [word] if cell_len(indent + word) <= width else chop_cells(word, max(1, width - len(indent))):
            longer = f"{lines[-1]} {part}" if lines[-1].strip() else lines[-1] + part
            if cell_len(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(indent + part)
    return lines


def _remark_lines(said: list[str], size: Size) -> list[str]:
    """As many of the newest remarks as there is room for; always the last one, if need be cut with a sign."""
    most, shown = max(1, size.height - N_OTHER_LINES), list[str]()
    for text in reversed(said):
        lines = wrapped(text, size.width)
        if shown and len(lines) + len(shown) > min(most, MAX_REMARK_LINES):
            break
        if len(lines) > most:
            lines[most - 1 :] = [f"{lines[most - 1]} {CUT}"]
        shown = [*lines, *shown]
    return shown


def _sound_line(sound: Sound) -> str:
    info, counters = sound.info, sound.counters
    engine = "" if sound.has_engine else NO_ENGINE
    if not counters.is_open:
        return f"{engine}NO SOUND: the sound card is gone, and is looked for"
    tempo = "" if sound.tempo_bpm is None else f"{sound.tempo_bpm:.1f} bpm · "
    failed = f" · {counters.failed_blocks} blocks FAILED" if counters.failed_blocks else ""
    return (
        f"{engine}{tempo}{info.device_out} · {info.sample_rate} Hz · {info.block_frames} frames · "
        f"xruns {counters.xruns_in + counters.xruns_out} · late {counters.late_blocks} · "
        f"block {counters.callback_p99_ms:.1f} ms{failed}"
    )


def _change(line: SlotLine, event: StageEvent) -> None:
    if isinstance(event, StateChanged):
        line.state = event
        if event.state == "off":
            line.cycle, line.vamp = 0, ""
    elif isinstance(event, Seam):
        line.cycle = event.cycle
    else:
        line.vamp = _vamp_of(event) or line.vamp


def _vamp_of(event: StageEvent) -> str | None:
    if isinstance(event, VampWanted):
        return "vamp asked for"
    if isinstance(event, VampProgress):
        filled = round(min(1.0, max(0.0, event.fraction)) * BAR)
        return f"vamp {'█' * filled}{'░' * (BAR - filled)} {event.stage}"
    if isinstance(event, VampPlanned) and event.cycles_late:
        return f"vamp comes {_rounds(event.cycles_late)} later"
    if isinstance(event, TakeMade):
        return f"take {event.take_id} waits for the seam"
    if isinstance(event, TakeHeard):
        return f"take {event.take_id}"
    return "vamp failed" if isinstance(event, VampFailed) else None


def _line(line: SlotLine, sample_rate: int) -> str:
    state = line.state
    if state is None or state.state == "off":
        waits = "" if state is None or state.next_state == "off" else f" → {state.next_state.replace('_', ' ')}"
        return " ".join([f"–{waits}", *([] if state is None else _marks(state))])
    following = f" → {state.next_state}" if state.next_state != state.state else ""
    words = f"{state.state}{following}".replace("_", " ")
    length = f"{state.n_frames / sample_rate:.2f} s" if state.n_frames else ""
    steps = f"undo {state.n_undo} redo {state.n_redo}" if state.n_undo or state.n_redo else ""
    marks = " ".join([*_marks(state), line.vamp])
    return f"{words:<26} {length:>8}  {line.cycle or '':>4}  {steps:<14} {marks}".rstrip()


def _marks(state: StateChanged) -> list[str]:
    """What goes on by itself until it is pressed again."""
    return [word for word, is_on in (("auto", state.is_auto), ("hold", state.is_held)) if is_on]


def _said_of(event: StageEvent) -> list[str]:
    slot = getattr(event, "slot", -1)
    of = f"slot {slot + 1}: " if slot >= 0 else ""
    if isinstance(event, Refused | VampFailed):
        return [of + event.reason]
    if isinstance(event, Note):
        return [of + event.text]
    if isinstance(event, VampPlanned) and event.cycles_late:
        return [f"{of}the variation comes {_rounds(event.cycles_late)} later"]
    if isinstance(event, TakeMade):
        rough = [f"little time, so {event.coarse_passes} coarse passes only"] if event.is_rough else []
        return [of + text for text in (*rough, *event.warnings)]
    if isinstance(event, TakeHeard) and event.is_late:
        return [f"{of}the variation came later than promised"]
    text = _sound_said_of(event)
    return [] if text is None else [text]


def _sound_said_of(event: StageEvent) -> str | None:
    if isinstance(event, BlockFailed):
        return f"{event.n_blocks} blocks of silence: {event.text}"
    return fate_of_sound(event)


def _rounds(n: int) -> str:
    return "a round" if n == 1 else f"{n} rounds"
