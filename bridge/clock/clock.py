"""The one clock: whose beat counts, where it is, and what the looper is told of it.

Time comes in as an argument. Ports, networks and threads are `sources`'; whoever has one feeds this from it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from ...engine.errors import SettingError
from ..looper.messages import SetGrid
from .controls import MAX_TEMPO_BPM, MIN_TEMPO_BPM, NUDGE_RANGE, ClockControls
from .grid import NO_GRID, Anchor, Grid, from_frames, is_elsewhere
from .loop_length import LoopBeats, tempo_for_loop
from .midi_clock import MidiClock
from .tap import TapTempo


@dataclass(frozen=True)
class ClockState:
    """What there is to show.

    Attributes:
        controls: As they are set; `tempo_bpm` and `beats_per_bar` of this clock, whoever counts.
        grid: That counts; None while there is no beat.
        is_running: Whether there is one, and the source is playing.
        n_peers: Others on Link; 0 without.
    """

    controls: ClockControls
    grid: Grid | None
    is_running: bool
    n_peers: int = 0


@dataclass(frozen=True)
class LinkState:
    """What Link says at one instant.

    Attributes:
        time_s: Then, in seconds of `time.monotonic`.
        beat: Of the session, whose downbeats are multiples of the beats per bar.
        tempo_bpm: Of the session.
        n_peers: Others in it.
    """

    time_s: float
    beat: float
    tempo_bpm: float
    n_peers: int


@dataclass(frozen=True)
class LinkWish:
    """What Link is asked for: bars of so many beats, and another tempo if somebody here has set one."""

    beats_per_bar: int
    tempo_bpm: float | None = None


class Clock:
    """Owns the beat. May be called from any thread; nothing here waits, and nobody is called back.

    The internal clock lives in frames once the looper has been told: the sound card, not the computer, then says how
    long a second is, so that clicks, loops and beats never part. MIDI clock and Link live in seconds, and the looper is
    told again when its beats are audibly elsewhere.
    """

    def __init__(self, controls: ClockControls | None = None) -> None:
        self._lock = threading.Lock()
        self._controls = controls or ClockControls()
        self._own: Grid | None = None  # of the internal clock; None while it stands still
        self._outer: Grid | None = None  # of MIDI clock or Link
        self._offset_s = 0.0  # by which that was nudged
        self._midi, self._tap = MidiClock(), TapTempo()
        self._n_peers = 0
        self._link_tempo_bpm: float | None = None  # that somebody here has set, until Link knows
        self._told: SetGrid | None = NO_GRID
        self._told_s = 0.0  # when
        self._is_asked = False  # somebody has changed the beat: tell the looper, however little

    @property
    def state(self) -> ClockState:
        """How it is now."""
        with self._lock:
            running = self._grid is not None and (self._controls.source != "midi" or self._midi.is_running)
            return ClockState(self._controls, self._grid, running, self._n_peers)

    # What a performer does.

    def set(self, time_s: float, **values: object) -> None:
        """Turn dials, see `ClockControls`.

        Raises:
            SettingError: A name that does not exist, a value out of range, or a tempo that MIDI clock gives.
        """
        with self._lock:
            self._set(time_s, self._controls.changed(**values))

    def start(self, time_s: float) -> None:
        """Begin to count: then is a downbeat.

        Raises:
            SettingError: Others count.
        """
        with self._lock:
            self._refuse("start", "midi", "link")
            self._play(Grid(self._controls.tempo_bpm, self._controls.beats_per_bar, time_s))

    def stop(self) -> None:
        """Stop counting: what waits for a beat waits for seams instead, or acts at once.

        Raises:
            SettingError: Others count.
        """
        with self._lock:
            self._refuse("stop", "midi", "link")
            self._own, self._is_asked = None, True

    def tap(self, time_s: float) -> float | None:
        """A tap on the beat. The second one sets the tempo, and every further one refines it.

        A clock that stood still counts its bars from the first tap on; one that ran keeps them. With Link, taps set the
        tempo alone.

        Returns:
            The tempo in bpm, None after a first tap.

        Raises:
            SettingError: MIDI clock gives the tempo.
        """
        with self._lock:
            self._refuse("tap", "midi")
            tapped = self._tap.tap(time_s)
            if tapped is None:
                return None
            self._controls = self._controls.changed(tempo_bpm=tapped.tempo_bpm)
            if self._controls.source == "link":
                self._link_tempo_bpm = tapped.tempo_bpm
            else:
                fresh = Grid(tapped.tempo_bpm, self._controls.beats_per_bar, tapped.beat_s)
                self._play(_on_beat(fresh, self._own, tapped.beat_s))
            return tapped.tempo_bpm

    def nudge(self, milliseconds: float) -> None:
        """Move the beat later, or earlier if negative, whoever counts.

        Raises:
            SettingError: More than half a second.
        """
        move_s = float(NUDGE_RANGE.check("nudge_ms", milliseconds) or 0) / 1000
        with self._lock:
            self._is_asked = True
            if self._controls.source != "internal":
                self._offset_s += move_s
            elif self._own is not None:
                self._own = self._own.moved(move_s)

    def adopt_loop(self, length_s: float, start_s: float) -> LoopBeats | None:
        """Take the tempo from a first loop, which begins on a downbeat; see `tempo_for_loop`.

        Returns:
            What it was taken for; None if it is too short to be a beat, or others count, and nothing was changed.
        """
        with self._lock:
            if self._controls.source != "internal":
                return None
            beats = tempo_for_loop(length_s, self._controls.beats_per_bar)
            if beats is not None:
                self._controls = self._controls.changed(tempo_bpm=beats.tempo_bpm)
                self._play(Grid(beats.tempo_bpm, beats.beats_per_bar, start_s))
            return beats

    # What the sources say.

    def feed_midi(self, status: int, time_s: float, data: int = 0) -> None:
        """A message of the MIDI clock has arrived, see `MidiClock.feed`."""
        with self._lock:
            self._midi.feed(status, time_s, data)

    def feed_link(self, state: LinkState) -> LinkWish:
        """How the Link session is; called again and again.

        Returns:
            What the session is asked for.
        """
        with self._lock:
            self._n_peers = state.n_peers
            wish = LinkWish(self._controls.beats_per_bar, self._link_tempo_bpm)
            self._link_tempo_bpm = None
            if self._controls.source == "link" and wish.tempo_bpm is None:
                tempo_bpm = min(max(state.tempo_bpm, MIN_TEMPO_BPM), MAX_TEMPO_BPM)
                origin_s = state.time_s - state.beat * 60 / tempo_bpm
                self._controls = replace(self._controls, tempo_bpm=tempo_bpm)
                self._outer = Grid(tempo_bpm, self._controls.beats_per_bar, origin_s)
            return wish

    # What the looper is told.

    def command(self, anchor: Anchor) -> SetGrid | None:
        """What the looper must be told now, None if nothing. To be asked every 20 ms or so, and after every change.

        Args:
            anchor: Which frame of the looper is made when.
        """
        with self._lock:
            if self._controls.source == "midi":
                self._listen_to_midi(anchor.time_s)
            elif self._controls.source == "internal" and not self._is_asked:
                self._follow_frames(anchor)
            grid = self._grid
            command = NO_GRID if grid is None else grid.to_frames(anchor)
            if not self._is_asked and self._told is not None:
                # A beat that is still being read is moved once a beat at most.
                since_s = anchor.time_s - self._told_s
                is_early = since_s * anchor.sample_rate < self._told.frames_per_beat
                if is_early or not is_elsewhere(command, self._told, anchor):
                    return None
            self._told, self._told_s, self._is_asked = command, anchor.time_s, False
            return command

    def forget_frames(self) -> None:
        """The looper counts from 0 again, or the sound card was away: it must be told anew."""
        with self._lock:
            self._told = None

    # Inside; the lock is held.

    @property
    def _grid(self) -> Grid | None:
        if self._controls.source == "internal":
            return self._own
        return None if self._outer is None else self._outer.moved(self._offset_s)

    def _refuse(self, what: str, *sources: str) -> None:
        source = self._controls.source
        if source in sources:
            raise SettingError(
                f"to {what} this clock, source must be internal, got {source}: it says where the beat is"
            )

    def _play(self, grid: Grid) -> None:
        self._own, self._is_asked = grid, True

    def _set(self, time_s: float, controls: ClockControls) -> None:
        old = self._controls
        has_tempo = controls.tempo_bpm != old.tempo_bpm
        if has_tempo and controls.source == "midi":
            raise SettingError(f"MIDI clock gives the tempo, {old.tempo_bpm:.4g} bpm: set it there, or source internal")
        grid, self._controls = self._grid, controls
        if controls.source != old.source:
            # The beat goes on as it was until the new source says something.
            self._own = self._outer = grid
            self._offset_s, self._midi, self._n_peers = 0.0, MidiClock(), 0
            self._is_asked = True
        if controls.beats_per_bar != old.beats_per_bar and grid is not None:
            self._own, self._outer = (_with_bar(g, controls.beats_per_bar, time_s) for g in (self._own, self._outer))
            self._is_asked = True
        if has_tempo and controls.source == "link":
            self._link_tempo_bpm = controls.tempo_bpm
        elif has_tempo:
            still = Grid(controls.tempo_bpm, controls.beats_per_bar, time_s)
            self._play(still if self._own is None else self._own.with_tempo(controls.tempo_bpm, at_s=time_s))

    def _listen_to_midi(self, time_s: float) -> None:
        """Take over the MIDI clock's beat; when it stops counting the last one goes on."""
        grid = self._midi.grid(self._controls.beats_per_bar) if self._midi.is_alive(time_s) else None
        if grid is not None:
            self._outer = grid
            self._controls = replace(self._controls, tempo_bpm=grid.tempo_bpm)

    def _follow_frames(self, anchor: Anchor) -> None:
        """Hold the internal clock to the sound card's: what was told in frames is what counts."""
        if self._told is not None and self._told.frames_per_beat > 0 and self._own is not None:
            held = from_frames(self._told, anchor)
            # The tempo was set, not measured: only the origin follows.
            self._own = replace(held, tempo_bpm=self._own.tempo_bpm)


def _on_beat(fresh: Grid, before: Grid | None, beat_s: float) -> Grid:
    """`fresh`, which has a beat at `beat_s`, with its bars where those before were; else as a second beat."""
    in_bar = 1 if before is None else round(before.bar_phase(beat_s)) % before.beats_per_bar
    return fresh.moved(-in_bar * fresh.beat_s)


def _with_bar(grid: Grid | None, beats_per_bar: int, time_s: float) -> Grid | None:
    """Other bars, from the downbeat that the current bar began with."""
    if grid is None:
        return None
    beat = grid.beat_at(time_s)
    return replace(grid, beats_per_bar=beats_per_bar, origin_s=grid.time_of(beat - beat % grid.beats_per_bar))
