"""One table of settings: every range is enforced, every preset is inside it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.errors import SettingError
from vampbridge.engine.settings import DEFAULT_PRESET, PRESET_HELP, PRESETS, RANGES, VampSettings, preset

NUMBERS = [name for name, allowed in RANGES.items() if allowed.kind in (int, float)]


@pytest.mark.parametrize("name", NUMBERS)
def test_both_ends_of_every_range_are_accepted_and_beyond_is_refused(name):
    allowed = RANGES[name]
    VampSettings().changed(**{name: allowed.low})
    VampSettings().changed(**{name: allowed.high})
    step = 1 if allowed.kind is int else 1e-6
    for value in (allowed.low - step, allowed.high + (1 if allowed.high > 1e6 else step)):
        with pytest.raises(SettingError, match=f"{name} must be"):
            VampSettings().changed(**{name: value})


@pytest.mark.parametrize("name", list(RANGES))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "nonsense", [], 1.5j])
def test_nonsense_is_refused_by_name_range_and_value(name, value):
    with pytest.raises(SettingError, match=f"{name} must be"):
        VampSettings().changed(**{name: value})


def test_whole_floats_are_whole_numbers_because_osc_sends_floats():
    assert VampSettings().changed(period=5.0).period == 5
    assert isinstance(VampSettings().changed(period=5.0).period, int)
    with pytest.raises(SettingError, match="whole number"):
        VampSettings().changed(period=5.5)


def test_every_setting_has_help_and_every_number_a_range():
    for name, allowed in RANGES.items():
        assert allowed.help.endswith("."), name
        assert allowed.kind in (bool, str) or allowed.low < allowed.high, name


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(SettingError, match=r"no setting 'perod'.*period"):
        VampSettings().changed(perod=3)
    with pytest.raises(SettingError, match="faithful, balanced, wild"):
        preset("loud")


def test_presets_differ_and_are_explained():
    assert set(PRESETS) == set(PRESET_HELP)
    assert DEFAULT_PRESET in PRESETS
    assert len({preset(name) for name in PRESETS}) == len(PRESETS) == 3


@given(st.floats(0, 5), st.integers(0, 128))
def test_settings_survive_a_round_trip_through_plain_values(temperature, period):
    settings = VampSettings(temperature=temperature, period=period, seed=5)
    assert VampSettings(**settings.to_dict()) == settings
