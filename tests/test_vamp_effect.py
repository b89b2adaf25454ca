"""How a `Vamp` is made and what it refuses; the models are a stand-in that returns what it gets."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from recording_vamper import RecordingVamper
from vampbridge.engine import vamp_effect
from vampbridge.engine.audio import as_float32
from vampbridge.engine.errors import AudioError, SettingError
from vampbridge.engine.settings import PRESETS
from vampbridge.engine.take import VampRequest
from vampbridge.engine.usable import nothing_new
from vampbridge.engine.vamp_effect import Vamp

RATE = 44_100


@pytest.fixture(autouse=True)
def vamper(monkeypatch):
    fake = RecordingVamper()
    monkeypatch.setattr(vamp_effect, "open_vamper", lambda bundle, threads, device: fake)
    return fake


def test_settings_are_keywords_too():
    vamp = Vamp("wild", temperature=0.5, period=9)
    assert (vamp.temperature, vamp.period) == (0.5, 9)
    with pytest.raises(SettingError, match="temprature"):
        Vamp(temprature=1)
    with pytest.raises(SettingError, match="variations"):
        Vamp(variations=2)


def test_a_chain_may_be_given_as_its_file(tmp_path):
    (tmp_path / "chain.toml").write_text('[[effect]]\nname = "Gain"\ngain_db = -6\n')
    loop = np.random.default_rng(0).standard_normal((1, RATE)).astype(np.float32) * 0.1
    path = tmp_path / "chain.toml"
    np.testing.assert_array_equal(Vamp(seed=1, after=str(path))(loop, RATE), Vamp(seed=1, after=path)(loop, RATE))
    assert np.abs(Vamp(seed=1, after=path)(loop, RATE)).max() < 0.6 * np.abs(Vamp(seed=1)(loop, RATE)).max()


def test_integers_and_turned_arrays_are_refused_with_the_way_out():
    with pytest.raises(AudioError, match="got int16: divide by 32768, or read the file as float32"):
        Vamp()(np.ones((1, RATE), dtype=np.int16), RATE)
    with pytest.raises(AudioError, match=r"pass audio\.T"):
        Vamp()(np.zeros((RATE, 2), dtype=np.float32), RATE)


def test_what_is_no_chain_is_refused_when_the_vamp_is_made():
    with pytest.raises(SettingError, match=r"EffectChain or the path of a \.toml file, got list"):
        Vamp(before=[])


def test_a_mask_decides_alone_unless_a_prompt_was_set(vamper):
    loop = np.full(RATE, 0.5, dtype=np.float32)
    alone = Vamp(temperature=0.5)
    alone(loop, RATE, mask=[0, 1])
    assert vamper.requests[-1].settings == PRESETS["balanced"].changed(period=0, temperature=0.5)
    np.testing.assert_array_equal(vamper.requests[-1].drawn_mask, [[False, True]])
    alone(loop, RATE)
    assert vamper.requests[-1].drawn_mask is None
    assert vamper.requests[-1].settings.period == PRESETS["balanced"].period
    alone.prefix_s = 1
    for vamp in (alone, Vamp(prefix_s=1)):
        vamp(loop, RATE, mask=np.ones((2, 3)))
        assert vamper.requests[-1].settings.period == PRESETS["balanced"].period
        assert vamper.requests[-1].settings.prefix_s == 1


def test_a_mask_that_is_none_is_refused():
    with pytest.raises(SettingError, match=r"0 \(keep\) and 1 \(draw anew\) only, got 2 in row 1, column 3"):
        Vamp()(np.full(RATE, 0.5, dtype=np.float32), RATE, mask=[[0, 1, 2]])


def test_a_period_alone_keeps_the_presets_share_where_a_vamp_is_made():
    assert (Vamp("wild", period=16).period, Vamp("wild", period=16).period_width) == (16, 6)
    assert Vamp("wild", period=16, period_width=9).period_width == 9
    vamp = Vamp("wild")
    vamp.period = 16  # a dial is turned by itself
    assert vamp.period_width == PRESETS["wild"].period_width


def test_a_take_with_nothing_new_is_warned_of(vamper, monkeypatch):
    loop, real = np.full(RATE, 0.5, dtype=np.float32), vamper.vamp
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Vamp()(loop, RATE)

    def vamp_nothing(request):
        take = real(request)
        return replace(take, report=replace(take.report, share_regenerated=0.0))

    monkeypatch.setattr(vamper, "vamp", vamp_nothing)
    with pytest.warns(UserWarning, match="Nothing of the loop is drawn anew, because the prompts keep") as found:
        Vamp()(loop, RATE)
    assert found[0].filename == __file__


@pytest.mark.parametrize(
    ("settings", "cells", "why"),
    [
        (PRESETS["balanced"], None, "because the prompts keep the rest: try period 0"),
        (PRESETS["balanced"].changed(period=0), [[0, 0]], "because the drawn mask keeps the rest: draw more"),
        (PRESETS["balanced"].changed(period=0), [[0, 1]], "because the drawn mask keeps the rest: draw more"),
        (PRESETS["balanced"], [[0, 0]], "because the drawn mask keeps the rest: draw more"),
        (PRESETS["balanced"], [[0, 1]], "because the prompts beside the drawn mask keep the rest: try period 0"),
    ],
)
def test_the_advice_is_about_what_keeps_everything(settings, cells, why):
    drawn = None if cells is None else np.array(cells, dtype=np.bool_)
    said = nothing_new(VampRequest(np.zeros((1, RATE), dtype=np.float32), RATE, settings, drawn), 0.0)
    assert said.startswith(f"Nothing of the loop is drawn anew, {why}")


@pytest.mark.parametrize("given", [[0, 1, 2], [[1.0], [1.0, 2.0]], "sound", None, np.ones(3, np.uint8)])
def test_only_floats_are_sound(given):
    with pytest.raises(AudioError, match="audio must be") as refused:
        as_float32(given)
    assert "divide" not in str(refused.value)  # by what?
    assert as_float32([[0.5, -0.5]]).dtype == np.float32
