"""Effect chains from TOML, and the vamp that is called like an effect."""

from __future__ import annotations

import threading

import numpy as np
import pedalboard
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_vamper import RecordingVamper
from vampbridge.engine import effects, vamp_effect
from vampbridge.engine.effects import builtin_effects, load_chain, parameters_of
from vampbridge.engine.errors import AudioError, PathError, SettingError
from vampbridge.engine.settings import RANGES
from vampbridge.engine.vamp_effect import NOT_SETTABLE, Vamp

RATE = 44100
BLOCKS = (1, 64, 65, 8193)


@pytest.fixture
def chain_of(tmp_path):
    def load(text):
        path = tmp_path / "chain.toml"
        path.write_text(text, encoding="utf-8")
        return load_chain(path)

    return load


@pytest.fixture
def vamper(monkeypatch):
    fake = RecordingVamper()
    monkeypatch.setattr(vamp_effect, "open_vamper", lambda bundle, threads, device: fake)
    return fake


def click_at(index, n_samples, n_channels=1):
    audio = np.zeros((n_channels, n_samples), dtype=np.float32)
    audio[:, index] = 0.5
    return audio


def toml_value(value):
    return str(value).lower() if isinstance(value, bool) else repr(value)


WITHOUT_FILES = sorted(set(builtin_effects()) - {"Convolution"})


def test_all_effects_of_pedalboard_are_known():
    assert {"Compressor", "Reverb", "Limiter", "LadderFilter", "PitchShift", "Convolution"} <= set(builtin_effects())
    assert not {"Plugin", "IIRFilter", "Chain", "Mix", "VST3Plugin", "ExternalPlugin"} & set(builtin_effects())
    assert parameters_of(pedalboard.Compressor).keys() == {"threshold_db", "ratio", "attack_ms", "release_ms"}
    assert parameters_of(pedalboard.Convolution)["impulse_response_filename"].required


@pytest.mark.parametrize("name", WITHOUT_FILES)
@pytest.mark.parametrize("loop", [True, False])
def test_every_effect_keeps_the_length_to_the_sample(chain_of, name, loop, rng, monkeypatch):
    monkeypatch.setattr(effects, "WARM_UP_S", 0.05)  # some effects are slow, and more rounds show nothing more
    chain = chain_of(f'[[effect]]\nname = "{name}"')
    for n_samples in BLOCKS:
        audio = rng.uniform(-0.5, 0.5, (2, n_samples)).astype(np.float32)
        wet = chain.process(audio, RATE, loop=loop)
        assert wet.shape == audio.shape
        assert wet.dtype == np.float32
        assert np.isfinite(wet).all()


@pytest.mark.parametrize("name", ["BrickwallLimiter", "Limiter", "MP3Compressor", "PitchShift", "Resample"])
@pytest.mark.parametrize("loop", [True, False])
def test_latency_is_taken_out(chain_of, name, loop):
    quiet = {
        "BrickwallLimiter": "ceiling_db = -0.1",
        "Limiter": "threshold_db = -0.1",
        "Resample": "target_sample_rate = 22050",
    }
    chain = chain_of(f'[[effect]]\nname = "{name}"\n{quiet.get(name, "")}')
    wet = chain.process(click_at(20_000, 44_100), RATE, loop=loop)
    assert abs(int(np.abs(wet).argmax()) - 20_000) <= 2


def test_a_tail_runs_over_the_end_of_a_loop_into_its_start(chain_of):
    chain = chain_of('[[effect]]\nname = "Delay"\ndelay_seconds = 0.5\nmix = 0.5')
    dry = click_at(40_000, 44_100)
    echo_at = 40_000 + 22_050 - 44_100
    assert np.abs(chain.process(dry, RATE, loop=True)[0, echo_at]) > 0.1
    assert np.abs(chain.process(dry, RATE, loop=False)[0, :30_000]).max() == 0.0


def test_a_loops_seam_after_a_filter_is_like_any_other_place(chain_of):
    chain = chain_of('[[effect]]\nname = "LowpassFilter"\ncutoff_frequency_hz = 200.0')
    loop = np.sin(2 * np.pi * 10 * np.arange(44_100) / 44_100, dtype=np.float64)[None].astype(np.float32)
    steps = np.abs(np.diff(np.concatenate([wet := chain.process(loop, RATE, loop=True), wet], axis=1)))
    # A sine's steps are largest at its zero crossings, and the seam is one: nothing there may exceed the others.
    assert steps[0, 44_099] <= steps[0, :44_000].max() * 1.01


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[effect]]\nname = "Compresor"', r"effect 1: there is no effect 'Compresor'; there are: .*Compressor"),
        ('[[effect]]\nname = "Gain"\ngain = 3', "Gain has no parameter 'gain'; it has: gain_db"),
        ('[[effect]]\nname = "Invert"\nx = 3', "it has: none"),
        ('[[effect]]\nname = "Gain"\ngain_db = "loud"', "Gain.gain_db must be a finite number, got 'loud'"),
        ('[[effect]]\nname = "Gain"\ngain_db = nan', "finite number"),
        ('[[effect]]\nname = "Gain"\ngain_db = true', "finite number"),
        ('[[effect]]\nname = "BrickwallLimiter"\ntrue_peak = 1', "true or false"),
        ('[[effect]]\nname = "Gain"\n[[effect]]\nname = "Reverb"\nroom_size = 5', "effect 2: .*between 0.0 and 1.0.*5"),
        ('[[effect]]\nname = "LadderFilter"\nmode = "LPF99"', "must be one of LPF12"),
        ('[[effect]]\nname = "Convolution"', "needs impulse_response_filename"),
        ("[[effect]]\ngain_db = 3", "needs `name`"),
        ("", r"must hold \[\[effect\]\]"),
        ("effect = 3", r"must hold \[\[effect\]\]"),
        ("[other]\nx = 1", "got other"),
        ("[[effect", "is not TOML"),
    ],
)
def test_a_mistake_in_a_chain_is_named_with_what_is_possible(chain_of, text, message):
    with pytest.raises(SettingError, match=message):
        chain_of(text)


@pytest.mark.parametrize(
    "text",
    [
        '[[effect]]\nname = "Convolution"\nimpulse_response_filename = "gone.wav"',
        '[[effect]]\nplugin = "gone.vst3"',
    ],
)
def test_a_file_that_a_chain_names_must_be_there(chain_of, text):
    with pytest.raises(PathError, match="gone"):
        chain_of(text)


def test_a_chain_that_is_not_there_is_a_path_error(tmp_path):
    with pytest.raises(PathError, match="no effect chain"):
        load_chain(tmp_path / "gone.toml")


@settings(max_examples=30)
@given(
    value=st.one_of(st.floats(allow_nan=True), st.integers(-(2**40), 2**40), st.booleans()),
    name=st.sampled_from(WITHOUT_FILES),
)
def test_no_value_whatever_escapes_as_another_error(tmp_path_factory, value, name):
    path = tmp_path_factory.mktemp("chain") / "chain.toml"
    audio = click_at(10, 100)
    for key, parameter in parameters_of(builtin_effects()[name]).items():
        if "Mode" in parameter.annotation or "Quality" in parameter.annotation:
            continue
        path.write_text(f'[[effect]]\nname = "{name}"\n{key} = {toml_value(value)}', encoding="utf-8")
        try:
            wet = load_chain(path).process(audio, RATE, loop=False)
        except SettingError:
            continue
        assert np.isfinite(wet).all()


def test_every_parameter_changes_the_sound(chain_of, rng):
    audio = rng.uniform(-0.9, 0.9, (1, 4000)).astype(np.float32)
    for low, high in (
        ('Gain"\ngain_db = -6', 'Gain"\ngain_db = 6'),
        ('LadderFilter"\nmode = "LPF12"', 'LadderFilter"\nmode = "HPF24"'),
    ):
        first, second = (
            chain_of(f'[[effect]]\nname = "{text}').process(audio, RATE, loop=False) for text in (low, high)
        )
        assert np.abs(first - second).max() > 0.1


def test_effects_are_applied_in_order(chain_of):
    audio = np.full((1, 1000), 0.5, dtype=np.float32)
    gain, clip = '[[effect]]\nname = "Gain"\ngain_db = 12\n', '[[effect]]\nname = "Clipping"\nthreshold_db = -6\n'
    clipped_last = chain_of(gain + clip).process(audio, RATE, loop=False)
    clipped_first = chain_of(clip + gain).process(audio, RATE, loop=False)
    assert clipped_last.max() < 0.51
    assert clipped_first.max() > 1.9


def test_a_convolution_reads_its_impulse_beside_the_chain(chain_of, tmp_path):
    import soundfile as sf

    impulse = np.zeros(500)
    impulse[100] = 1.0
    sf.write(tmp_path / "room.wav", impulse, RATE)
    chain = chain_of('[[effect]]\nname = "Convolution"\nimpulse_response_filename = "room.wav"\nsample_rate = 44100')
    wet = chain.process(click_at(1000, 5000), RATE, loop=False)
    assert np.abs(wet).argmax() == 1100


def test_a_cutoff_beyond_what_the_rate_holds_is_refused(chain_of):
    chain = chain_of('[[effect]]\nname = "LowpassFilter"\ncutoff_frequency_hz = 6000')
    with pytest.raises(SettingError, match="between 0 and 4000 Hz"):
        chain.process(click_at(5, 100), 8000, loop=True)


def test_a_channel_count_that_an_effect_refuses_is_named(chain_of):
    with pytest.raises(SettingError, match=r"MP3Compressor.*6-channel"):
        chain_of('[[effect]]\nname = "MP3Compressor"').process(click_at(5, 100, 6), RATE, loop=True)


class FakePlugin:
    """A loaded VST3, as far as a chain sees it."""

    name = "Room"
    is_effect = True
    parameters = {"mix": object()}  # noqa: RUF012 - read only
    mix = 1.0

    def process(self, audio, rate, *, reset):
        assert reset
        return audio * np.float32(self.mix)


def test_a_plugin_of_the_users_machine_gets_its_parameters_by_name(chain_of, tmp_path, monkeypatch):
    (tmp_path / "Room.vst3").touch()
    asked = []
    monkeypatch.setattr(
        pedalboard, "load_plugin", lambda path, plugin_name: asked.append((path, plugin_name)) or FakePlugin()
    )
    chain = chain_of('[[effect]]\nplugin = "Room.vst3"\nplugin_name = "Room"\nmix = 0.25')
    assert asked == [(str(tmp_path / "Room.vst3"), "Room")]
    assert chain.process(click_at(5, 10), RATE, loop=False)[0, 5] == 0.125
    with pytest.raises(SettingError, match="Room has no parameter 'mox'; it has: mix"):
        chain_of('[[effect]]\nplugin = "Room.vst3"\nmox = 0.25')


def test_a_file_that_is_no_plugin_and_an_instrument_are_refused(chain_of, tmp_path, monkeypatch):
    (tmp_path / "x.vst3").touch()
    with pytest.raises(SettingError, match="could not be loaded"):
        chain_of('[[effect]]\nplugin = "x.vst3"')
    monkeypatch.setattr(FakePlugin, "is_effect", False)
    monkeypatch.setattr(pedalboard, "load_plugin", lambda path, plugin_name: FakePlugin())
    with pytest.raises(SettingError, match="instrument"):
        chain_of('[[effect]]\nplugin = "x.vst3"')


@pytest.mark.parametrize("shape", [(5000,), (1, 5000), (2, 5000), (6, 5000)])
def test_a_vamp_gives_back_the_shape_it_got(vamper, shape, rng):
    audio = rng.uniform(-0.5, 0.5, shape).astype(np.float32)
    vamp = Vamp(seed=3)
    out = vamp(audio, 44100.0)
    assert out.shape == shape
    assert out.dtype == np.float32
    vamp.stretch = 2
    assert vamp(audio, RATE).shape == (*shape[:-1], 10_000)


def test_every_setting_is_an_attribute_that_reaches_the_vamper(vamper, rng):
    audio = rng.uniform(-0.5, 0.5, 5000).astype(np.float32)
    vamp = Vamp("wild")
    for name, spec in RANGES.items():
        if name in NOT_SETTABLE:
            continue
        assert spec.help in getattr(Vamp, name).__doc__
        current = getattr(vamp, name)
        other = next(
            v
            for v in (*spec.choices, False, True, spec.high, spec.low)
            if v is not None and _fits(spec, v) and v != current
        )
        setattr(vamp, name, other)
        vamp(audio, RATE)
        assert getattr(vamper.requests[-1].settings, name) == getattr(vamp, name) == other
    with pytest.raises(SettingError, match="temperature must be a number from"):
        vamp.temperature = 99


@pytest.mark.parametrize("name", ["temprature", "variations", "Temperature", "Vamper"])
def test_a_name_that_is_no_setting_is_not_swallowed(vamper, name):
    with pytest.raises(AttributeError, match=name):
        setattr(Vamp(), name, 1)


def _fits(spec, value):
    return (
        isinstance(value, spec.kind)
        if spec.kind in (bool, str)
        else not isinstance(value, bool) and spec.kind in (int, float) and not isinstance(value, str)
    )


def test_chains_stand_before_and_after_the_vamp(vamper, chain_of):
    before = chain_of('[[effect]]\nname = "Gain"\ngain_db = -20')
    after = chain_of('[[effect]]\nname = "Invert"')
    loop = np.full((1, 5000), 0.5, dtype=np.float32)
    wet = Vamp(seed=1, before=before, after=after)(loop, RATE)
    np.testing.assert_allclose(vamper.requests[0].audio, 0.05, rtol=1e-4)
    np.testing.assert_allclose(wet, -Vamp(seed=1, before=before)(loop, RATE), rtol=1e-6)


def test_the_seed_that_was_drawn_is_reported(vamper):
    vamp = Vamp()
    assert vamp.report is None
    vamp(np.full(5000, 0.5, dtype=np.float32), RATE)
    assert vamp.report.seed == 12345


def test_calls_from_several_threads_wait_for_each_other(vamper, monkeypatch):
    inside = threading.Lock()
    honest = vamper.vamp

    def alone(request):
        assert inside.acquire(blocking=False), "two vamps at once"
        try:
            return honest(request)
        finally:
            inside.release()

    monkeypatch.setattr(vamper, "vamp", alone)
    vamp = Vamp(seed=1)
    results = []
    loop = np.full(5000, 0.5, dtype=np.float32)
    threads = [threading.Thread(target=lambda: results.append(vamp(loop, RATE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8


@pytest.mark.parametrize(("shape", "rate", "message"), [((1, 1, 5), 44100, "shape"), ((5,), 44100.5, "whole number")])
def test_what_a_vamp_cannot_take_is_refused(vamper, shape, rate, message):
    with pytest.raises(AudioError, match=message):
        Vamp()(np.zeros(shape, dtype=np.float32), rate)
