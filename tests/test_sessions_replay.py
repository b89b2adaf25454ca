"""A set that was played on the real looper, kept as the live part keeps it, plays again from its session."""

from __future__ import annotations

import dataclasses
from contextlib import closing

import numpy as np
import pytest
from sessions_helpers import same_bits, sound, take
from vampbridge.bridge.errors import SessionError
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.looper import Looper
from vampbridge.bridge.looper.messages import Applied, Forgotten, LayerClosed, LoadTake, SetSlot, Swapped, Verb
from vampbridge.bridge.sessions.disk import DiskLimits
from vampbridge.bridge.sessions.options import SessionOptions
from vampbridge.bridge.sessions.records import RunInfo
from vampbridge.bridge.sessions.store import create_session, read_session
from vampbridge.bridge.sessions.writer import SessionWriter

CONFIG = LooperConfig(sample_rate=8_000, n_slots=2, max_loop_s=4.0, memory_mb=4)
MADE = take("abc")
# Block → what is pressed in it.
SET = {
    2: [SetSlot(0, "fade_ms", 5.0), Verb(0, "record")],
    20: [Verb(0, "overdub")],
    45: [Verb(0, "play")],
    50: [LoadTake(0, "abc", MADE.audio[0], 0)],
    90: [Verb(0, "overdub")],
    110: [Verb(0, "play")],
    120: [Verb(0, "undo"), Verb(1, "record")],
    140: [Verb(0, "clear"), Verb(1, "play")],
}
N_BLOCKS, BLOCK = 170, 64


def play(writer):
    """The set, kept as it goes; returns input, output, the layers as the looper gave them, and the writer."""
    looper, layers, waiting = Looper(CONFIG), {}, {}
    came_in = np.ascontiguousarray(sound(5, N_BLOCKS * BLOCK).T)
    went_out = np.empty_like(came_in)
    for number in range(N_BLOCKS):
        commands = []
        for command in SET.get(number, ()):
            waiting[len(waiting) + 1] = numbered = dataclasses.replace(command, number=len(waiting) + 1)
            commands.append(numbered)
        part = slice(number * BLOCK, (number + 1) * BLOCK)
        looper.process(came_in[part], went_out[part], commands)
        while looper.events:
            event = looper.events.popleft()
            if isinstance(event, Applied):
                assert writer.record_command(waiting[event.number], event.frame)
            elif isinstance(event, LayerClosed):
                layers[event.layer_id] = looper.read_layer(event.layer_id)
                writer.record_layer(event, layers[event.layer_id])
                if len(layers) == 1:
                    writer.record_take(MADE, slot=0, layer_id=event.layer_id)
            elif isinstance(event, Swapped | Forgotten):
                assert writer.record_event(event)
    return came_in, went_out, layers, writer


@pytest.fixture
def played(tmp_path):
    """Input, output, and the layers as the looper gave them, of a set kept in a session."""
    options = SessionOptions(disk=DiskLimits(warn_mb=1, stop_mb=1))
    with closing(SessionWriter(create_session(tmp_path / "s", RunInfo(CONFIG)), print, options)) as writer:
        yield play(writer)


def test_the_commands_of_a_session_play_the_same_samples_again(played, tmp_path):
    came_in, went_out, _, writer = played
    writer.close()
    commands = read_session(tmp_path / "s").replay(1)
    assert len(commands) == sum(map(len, SET.values()))
    config = read_session(tmp_path / "s").contents.runs[1].looper
    looper, again = Looper(config), np.empty_like(went_out)
    for start in range(0, len(came_in), 97):  # other blocks than those of the evening
        looper.process(came_in[start : start + 97], again[start : start + 97], commands if start == 0 else ())
    assert same_bits(again, went_out)
    assert np.abs(went_out).max() > 0


def test_what_the_looper_forgot_is_read_back_and_the_family_goes_through_the_take(played):
    *_, layers, writer = played
    assert len(layers) >= 3
    assert writer.flush(20)
    events = [entry.event for entry in writer.session.contents.events]
    (of_take,) = (event.layer_id for event in events if isinstance(event, Swapped))
    assert of_take in {event.layer_id for event in events if isinstance(event, Forgotten)}
    assert len({event.layer_id for event in events if isinstance(event, Forgotten)} & set(layers)) == 3
    for layer_id, audio in layers.items():
        assert same_bits(writer.layer_audio(layer_id), audio)
    assert same_bits(writer.layer_audio(of_take), MADE.audio[0])
    first, _, upon_take, _ = (f"L{layer_id}" for layer_id in layers)
    assert writer.session.tree().lineage(upon_take) == (first, "abc", upon_take)


def test_a_replay_that_lacks_a_sound_says_so(played, tmp_path):
    played[3].close()
    (tmp_path / "s" / "audio" / "take-abc.wav").unlink()
    with pytest.raises(SessionError, match="abc"):
        read_session(tmp_path / "s").replay(1)
