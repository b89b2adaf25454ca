"""With `compat` no control is silent: each changes the take, is refused, or is told to have no effect."""

import re

import numpy as np
import pytest
from serve_helpers import FakeEngine, client_of, serving
from vampbridge.bridge.cli.options import chosen_settings
from vampbridge.bridge.idle_settings import why_idle
from vampbridge.engine.beats import Beats
from vampbridge.engine.compat.differences import ignored, notes
from vampbridge.engine.errors import SettingError
from vampbridge.engine.prompt import Surroundings, build_mask
from vampbridge.engine.settings import RANGES, VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.vamper import Vamper

# Defaults as far as may be: typical sampling on, a loop.
BASE = VampSettings(seed=1, compat=True, period=5, codebooks_kept=2, coarse_passes=2, mask_temperature=1.0)


@pytest.fixture(scope="module")
def vamp(tiny_bundle):
    """Vamps one sound with the settings that are given."""
    vamper = Vamper(tiny_bundle, threads=1)
    noise = np.random.default_rng(0).standard_normal((1, 20_000)).astype(np.float32) * np.float32(0.1)
    return lambda settings: vamper.vamp(VampRequest(noise, 44_100, settings))


@pytest.fixture(scope="module")
def base(vamp):
    return vamp(BASE)


def others(name):
    """The least value of a setting, one above that of BASE, and every other word, as far as they are others."""
    spec, now = RANGES[name], getattr(BASE, name)
    if spec.kind is bool:
        return [not now]
    if spec.choices:
        return [choice for choice in spec.choices if choice != now]
    above = now + 3 if spec.kind is int else now + 0.3 if spec.unit != "share" or now < 0.5 else 0.4
    return [value for value in (spec.low, above) if value != now]


@pytest.mark.parametrize("name", [name for name in RANGES if name != "compat"])
def test_every_setting_changes_a_published_take_or_says_that_it_does_not(name, vamp, base):
    for value in others(name):
        settings = BASE.changed(**{name: value})
        try:
            take = vamp(settings)
        except SettingError as error:
            assert f"with compat, {name} must be" in str(error)  # noqa: PT017 - refused is one of the ways
            continue
        is_changed = take.audio.shape != base.audio.shape or bool((take.audio != base.audio).any())
        told = [why_idle(name, chosen) for chosen in (BASE, settings)]
        assert is_changed == (told == [None, None]), (value, told)
        if told[1] is not None:
            assert any(name in warning for warning in take.report.warnings), take.report.warnings


def test_without_compat_nothing_is_lost_to_it():
    plain = VampSettings(temperature=0.0)
    assert set(ignored(plain)) >= {"typical", "temperature", "loop", "tempo_bpm"}
    assert [why_idle(name, plain) for name in ("typical", "typical_mass", "temperature", "loop")] == [None] * 4


def test_a_client_that_sets_what_is_lost_hears_of_it(tmp_path):
    with serving(FakeEngine(), tmp_path) as server, client_of(server) as client:
        assert client.ask("/vamp/set/compat", 1) == []
        ((address, (text,)),) = client.ask("/vamp/set/typical_mass", 0.5)
        assert address == "/vamp/log"
        assert text.startswith("typical_mass has no effect while compat is on (")
        assert client.ask("/vamp/set/top_p", 0.5) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"typical": True}, "typical has no effect while compat is on (the published code drops"),
        ({"temperature": 0}, "temperature has no effect while compat is on (0 counts as 1)"),
        ({"loop": True}, "loop has no effect while compat is on (the published code knows no loops"),
        ({"tempo_bpm": 90}, "tempo_bpm has no effect while compat is on (the published prompt hears beats"),
    ],
)
def test_an_option_that_is_lost_is_refused_with_what_to_leave_out(change, why):
    with pytest.raises(SettingError, match=re.escape(why)) as caught:
        chosen_settings("balanced", {"compat": True, **change})
    assert str(caught.value).endswith(f": leave out --compat or --{next(iter(change)).replace('_', '-')}")
    assert chosen_settings("balanced", {"compat": True, **change}, in_use=change).compat


def test_dropout_reaches_what_the_beats_keep():
    beats = Beats(np.array([4]), np.array([0]))
    around = Surroundings(sample_rate=100, hop_samples=10, ring=True, onset_frames=np.zeros(0, np.int64), beats=beats)
    kept = VampSettings(period=0, codebooks_kept=4, beat_after_ms=500)
    for dropout, n_kept in ((0.0, 20), (0.5, 10)):
        mask = build_mask(kept.changed(dropout=dropout), (4, 12), around, rng=np.random.default_rng(0))
        assert (~mask).sum() == n_kept
        assert mask[:, [0, 1, 2, 3, 9, 10, 11]].all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"period": 5, "period_width": 4}, "period_width 4 keeps 5 frames"),
        ({"onset_width": 3}, "onset_width 3 keeps 6 frames"),
        ({"dropout": 0.5}, "dropout draws with replacement"),
        ({"random_keep": 0.5}, "random_keep tosses a coin"),
        ({"temperature": 0.5, "top_p": 0.5}, "temperature and top_p have no effect on the fine model"),
        ({"mask_temperature": 0}, "mask_temperature has no effect on the fine model"),
    ],
)
def test_what_a_setting_means_there_is_in_the_report(change, words):
    quiet = VampSettings(compat=True, period=0, typical=False, loop=False)
    assert notes(quiet) == ()
    (note,) = notes(quiet.changed(**change))
    assert note.startswith("With compat, ")
    assert words in note
