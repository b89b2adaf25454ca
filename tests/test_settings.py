"""One table of settings: every range is enforced, every preset is inside it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.errors import SettingError
from vampbridge.engine.settings import (
    DEFAULT_PRESET,
    PRESET_HELP,
    PRESETS,
    RANGES,
    VampSettings,
    in_proportion,
    preset,
    shown,
)

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


@given(st.sampled_from(list(PRESETS.values())), st.integers(2, 128))
def test_a_period_in_proportion_leaves_something_to_vary(base, period):
    found = in_proportion(base, {"period": period})
    assert found == base.changed(period=period, period_width=found.period_width)
    assert found.period_width < period
    wanted = min(RANGES["period_width"].high, base.period_width / base.period * period)
    assert abs(found.period_width - wanted) < 1
    for given_too in ({"period_width": 3}, {"compat": True}):
        changes = {"period": period} | given_too
        assert in_proportion(base, changes) == base.changed(**changes)


@given(st.floats(0, 5), st.integers(0, 128))
def test_settings_survive_a_round_trip_through_plain_values(temperature, period):
    settings = VampSettings(temperature=temperature, period=period, seed=5)
    assert VampSettings(**settings.to_dict()) == settings


HUGE = st.integers(300, 10_000).map(lambda digits: 10**digits)
SCALARS = st.none() | st.booleans() | st.integers() | HUGE | HUGE.map(lambda n: -n) | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@given(JSON)
def test_any_json_value_is_taken_or_refused_in_a_short_sentence(value):
    for name, allowed in RANGES.items():
        refusal = refusal_of(name, value)
        if refusal:
            assert refusal.startswith(f"{name} must be ")
            assert len(refusal) < 300, refusal
        else:
            taken = allowed.check(name, value)
            assert taken is None or isinstance(taken, allowed.kind)


def refusal_of(name, value):
    try:
        RANGES[name].check(name, value)
    except SettingError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    ("value", "words"), [(10**400, "about 1e400"), (-(10**6000), "about -1e6000")], ids=["400", "-6000"]
)
def test_a_whole_number_beyond_every_float_is_refused_with_its_size(name, value, words):
    with pytest.raises(SettingError, match=f"{name} must be .*, got {words}$"):
        VampSettings().changed(**{name: value})


def test_a_value_is_shown_whole_if_it_is_short():
    for value in (0, -7, 2**63, 0.1, "x", True, None, [1, 2]):
        assert shown(value) == repr(value)
    assert len(shown("x" * 10_000)) <= 100
