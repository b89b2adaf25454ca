"""What is kept of a period of another length than the preset's, and what `render` says when nothing is varied."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from recording_vamper import RecordingVamper
from vampbridge.bridge.cli import main, render
from vampbridge.engine.settings import PRESETS, RANGES


@pytest.fixture
def vamper(monkeypatch):
    fake = RecordingVamper()
    monkeypatch.setattr(render, "make_vamper", lambda bundle, threads, device: fake)
    return fake


@pytest.fixture
def loop(tmp_path):
    """A file with half a second of noise; returns its path as text."""
    path = tmp_path / "loop.wav"
    sf.write(path, np.random.default_rng(1).uniform(-0.4, 0.4, 4000), 8000)
    return str(path)


@pytest.fixture
def out(tmp_path):
    return str(tmp_path / "out.wav")


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("period", [1, 2, 3, 5, 10, 16, 128])
def test_a_period_alone_keeps_the_presets_share(vamper, loop, out, name, period):
    for more in ([], ["--period-width", "9"], ["--compat"], ["--period", "0"]):
        assert main(["render", loop, out, "--preset", name, "--period", str(period), *more]) == 0
    kept = min(RANGES["period_width"].high, PRESETS[name].period_width / PRESETS[name].period * period)
    widths = [request.settings.period_width for request in vamper.requests]
    assert widths[0] == 1 or (widths[0] < period and abs(widths[0] - kept) <= 0.5)
    assert widths[1:] == [9, PRESETS[name].period_width, PRESETS[name].period_width]


@pytest.mark.parametrize(("bpm", "beats", "frames"), [(120, 1, 29), (120, 0.5, 14), (140, 4, 98), (93.5, 2, 74)])
def test_a_period_in_beats_is_the_nearest_number_of_frames(vamper, loop, out, bpm, beats, frames):
    in_beats = ["render", loop, out, "--tempo-bpm", str(bpm), "--period-beats", str(beats)]
    for more in ([], ["--period-width", "5"], ["--beat-after-ms", "9"]):
        assert main([*in_beats, *more]) == 0
    first, narrow, on_beats = (request.settings for request in vamper.requests)
    balanced = PRESETS["balanced"]
    width = round(balanced.period_width * frames / balanced.period)
    assert first == balanced.changed(period=frames, period_width=width)
    assert narrow == balanced.changed(period=frames, period_width=5)
    assert (on_beats.period, on_beats.tempo_bpm) == (frames, bpm)
    assert frames == round(beats * 60 / bpm * 44_100 / 768)


def test_more_beats_than_a_period_holds_are_refused_with_what_fits(vamper, loop, out, capsys):
    assert main(["render", loop, out, "--tempo-bpm", "60", "--period-beats", "4"]) == 2
    assert "period_beats 4 at 60 bpm are 230 frames, a period must be from 1 to 128" in capsys.readouterr().err
    assert vamper.requests == []


def test_a_warning_names_options_as_they_are_typed(vamper, loop, out, capsys, monkeypatch):
    said = "Set period 0 or a smaller period_width; combine all joins; sounds below the period, all that loop, stay."
    real = vamper.vamp

    def vamp(*args, **kwargs):
        take = real(*args, **kwargs)
        return replace(take, report=replace(take.report, warnings=(said,)))

    monkeypatch.setattr(vamper, "vamp", vamp)
    assert main(["render", loop, out]) == 0
    typed = "Set --period 0 or a smaller --period-width; --combine all joins; sounds below the period, all that loop"
    assert f"warning: {typed}, stay.\n" in capsys.readouterr().err
    assert main(["render", loop, out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == [said]
