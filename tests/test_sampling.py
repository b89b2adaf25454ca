import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine import sampling
from vampbridge.engine.errors import SettingError

PUBLISHED = dict(np.load(Path(__file__).parent / "fixtures" / "published" / "sampling.npz"))
LOGITS = PUBLISHED["logits"]
TYPICAL = [name for name in PUBLISHED if re.fullmatch(r"typical_m.*_keep", name)]
TOP_P = [name for name in PUBLISHED if re.fullmatch(r"top_p.*_keep", name)]

seeds = st.integers(0, 2**32 - 1)


def rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


def test_no_published_filter_is_left_out():
    assert len(TYPICAL) == 21
    assert len(TOP_P) == 5


@pytest.mark.parametrize("name", TYPICAL)
def test_typical_filter_keeps_the_published_tokens(name):
    mass, min_tokens = re.fullmatch(r"typical_m(.*)_n(.*)_keep", name).groups()
    keep = sampling.typical_filter(LOGITS, mass=float(mass), min_tokens=int(min_tokens))
    np.testing.assert_array_equal(keep, PUBLISHED[name])


@pytest.mark.parametrize(("mass", "min_tokens"), [(0.15, 64), (0.2, 1), (0.95, 1)])
def test_typical_filter_keeps_the_published_tokens_of_the_full_vocabulary(mass, min_tokens):
    keep = sampling.typical_filter(PUBLISHED["logits1024"], mass=mass, min_tokens=min_tokens)
    np.testing.assert_array_equal(keep, np.isfinite(PUBLISHED[f"typical1024_m{mass}_n{min_tokens}"]))


@pytest.mark.parametrize("name", TOP_P)
def test_top_p_keeps_the_published_tokens(name):
    top_p = float(re.fullmatch(r"top_p(.*)_keep", name).group(1))
    np.testing.assert_array_equal(sampling.top_p_filter(LOGITS, top_p=top_p), PUBLISHED[name])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
def test_probabilities_are_the_published_ones(temperature):
    tokens = LOGITS.argmax(axis=-1)
    np.testing.assert_array_equal(tokens, PUBLISHED[f"greedy_t{temperature}_token"])
    log_p = sampling.log_softmax(LOGITS / np.float32(temperature))
    # float32 sums of 256 terms in another order: a few units in the last place.
    np.testing.assert_allclose(
        np.exp(np.take_along_axis(log_p, tokens[..., None], -1)[..., 0]),
        PUBLISHED[f"greedy_t{temperature}_prob"],
        rtol=2e-6,
    )


def test_temperature_zero_takes_the_likeliest_token():
    uniforms = sampling.draw_uniforms(rng(0), LOGITS.shape[:-1])
    tokens, log_p = sampling.sample(LOGITS, uniforms, temperature=0)
    np.testing.assert_array_equal(tokens, PUBLISHED["greedy_t0.0_token"])
    np.testing.assert_allclose(np.exp(log_p), PUBLISHED["greedy_t0.0_prob"], rtol=2e-6)


def test_a_filtered_token_is_never_drawn_unlike_in_the_published_code():
    logits = rng(1).standard_normal((2000, 64), dtype=np.float32) * 2
    uniforms = sampling.draw_uniforms(rng(2), (2000,))
    plain, _ = sampling.sample(logits, uniforms, temperature=1.0)
    for settings in ({"typical_mass": 0.2}, {"top_p": 0.3}, {"typical_mass": 0.5, "top_p": 0.5}):
        tokens, log_p = sampling.sample(logits, uniforms, temperature=1.0, **settings)
        keep = sampling.typical_filter(logits, mass=settings.get("typical_mass", 1.0), min_tokens=1)
        keep &= sampling.top_p_filter(np.where(keep, logits, -np.inf), top_p=settings.get("top_p", 1.0))
        assert np.take_along_axis(keep, tokens[:, None], -1).all()
        assert np.isfinite(log_p).all()
        assert (tokens != plain).any()


def test_the_filters_at_one_are_off():
    assert sampling.typical_filter(LOGITS, mass=1.0, min_tokens=1).all()
    assert sampling.top_p_filter(LOGITS, top_p=1.0).all()


def test_min_tokens_widens_the_typical_set():
    narrow = sampling.typical_filter(LOGITS, mass=0.05, min_tokens=1)
    wide = sampling.typical_filter(LOGITS, mass=0.05, min_tokens=64)
    assert (wide.sum(-1) >= 64).all()
    assert (narrow.sum(-1) < 64).any()


def test_draws_follow_the_distribution():
    probabilities = np.array([0.1, 0.0, 0.4, 0.5], np.float32)
    uniforms = ((np.arange(10_000) + 0.5) / 10_000).astype(np.float32)
    tokens = sampling.draw(np.broadcast_to(probabilities, (10_000, 4)), uniforms)
    # Evenly spread uniforms hit each token in proportion; one draw may fall on the border of two.
    np.testing.assert_allclose(np.bincount(tokens, minlength=4) / 10_000, probabilities, atol=1e-4)
    assert (np.diff(tokens) >= 0).all()


@given(seeds, st.integers(1, 40))
def test_no_uniform_draws_an_impossible_token(seed, n_tokens):
    generator = rng(seed)
    probabilities = generator.random((8, n_tokens), dtype=np.float32)
    probabilities[generator.random((8, n_tokens)) < 0.6] = 0
    probabilities[np.arange(8), generator.integers(0, n_tokens, 8)] = 1e-3
    for uniform in (0.0, float(np.nextafter(np.float32(1), np.float32(0))), 0.5):
        tokens = sampling.draw(probabilities, np.full(8, uniform, np.float32))
        assert (probabilities[np.arange(8), tokens] > 0).all()


def test_a_colder_temperature_follows_the_model_more_closely():
    uniforms = sampling.draw_uniforms(rng(3), LOGITS.shape[:-1])
    likeliest = LOGITS.argmax(-1)
    mean_p = [
        np.exp(np.take_along_axis(sampling.log_softmax(LOGITS / np.float32(t)), likeliest[..., None], -1)).mean()
        for t in (0.3, 1.0, 3.0)
    ]
    assert mean_p == sorted(mean_p, reverse=True)
    cold, _ = sampling.sample(LOGITS, uniforms, temperature=0.01)
    np.testing.assert_array_equal(cold, likeliest)


def test_items_of_a_batch_do_not_touch_each_other():
    uniforms = sampling.draw_uniforms(rng(4), LOGITS.shape[:-1])
    settings = {"temperature": 1.1, "typical_mass": 0.5, "top_p": 0.9}
    together = sampling.sample(LOGITS, uniforms, **settings)
    for item in range(LOGITS.shape[0]):
        alone = sampling.sample(LOGITS[item], uniforms[item], **settings)
        np.testing.assert_array_equal(together[0][item], alone[0])
        np.testing.assert_array_equal(together[1][item], alone[1])


def test_the_same_seed_gives_the_same_noise_and_another_seed_another():
    for noise in (sampling.draw_uniforms, sampling.draw_gumbel):
        np.testing.assert_array_equal(noise(rng(5), (4, 9)), noise(rng(5), (4, 9)))
        assert (noise(rng(5), (4, 9)) != noise(rng(6), (4, 9))).all()


def test_gumbel_noise_is_standard():
    noise = sampling.draw_gumbel(rng(7), (200_000,))
    assert noise.dtype == np.float32
    # Mean is Euler's constant, standard deviation π/√6; four standard errors of 200,000 draws.
    assert noise.mean() == pytest.approx(0.5772, abs=0.012)
    assert noise.std() == pytest.approx(1.2825, abs=0.02)


@pytest.mark.parametrize("edge", [0.0, float(np.nextafter(1.0, 0.0))])
def test_gumbel_noise_is_finite_at_the_edges(edge):
    class Edge:
        def random(self, shape):
            return np.full(shape, edge)

    assert np.isfinite(sampling.draw_gumbel(Edge(), (3,))).all()


def test_mask_temperature_fades_out_over_the_passes():
    log_p, noise = np.full(4, -1, np.float32), np.array([1, 2, 3, 4], np.float32)
    known = np.array([False, False, False, True])
    first = sampling.confidence(log_p, known, gumbel=noise, mask_temperature=10.0, progress=0.25)
    last = sampling.confidence(log_p, known, gumbel=noise, mask_temperature=10.0, progress=1.0)
    np.testing.assert_array_equal(first, np.array([6.5, 14, 21.5, np.inf], np.float32))
    np.testing.assert_array_equal(last, np.array([-1, -1, -1, np.inf], np.float32))


@given(seeds, st.integers(1, 60), st.data())
def test_remask_takes_exactly_the_least_confident(seed, length, data):
    generator = rng(seed)
    # Few distinct values, so that ties are common.
    confidence = generator.integers(0, 4, length).astype(np.float32)
    confidence[generator.random(length) < 0.3] = np.inf
    n = data.draw(st.integers(0, int(np.isfinite(confidence).sum())))
    mask = sampling.remask(confidence, n)
    assert mask.sum() == n
    assert not mask[np.isinf(confidence)].any()
    if 0 < n < length:
        assert confidence[mask].max() <= confidence[~mask].min()


def test_among_equals_the_lowest_index_is_kept():
    assert sampling.remask(np.zeros(5, np.float32), 2).tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sampling.remask(np.array([0, np.inf], np.float32), 2), r"in \[0, 1\], got 2"),
        (lambda: sampling.sample(LOGITS, LOGITS[..., 0], temperature=5.1), r"temperature must be in \[0, 5\], got 5.1"),
        (lambda: sampling.top_p_filter(LOGITS, top_p=0), r"top_p must be in \(0, 1\], got 0"),
        (lambda: sampling.typical_filter(LOGITS, mass=1.5, min_tokens=1), r"typical_mass must be in \(0, 1\], got 1.5"),
        (lambda: sampling.typical_filter(LOGITS, mass=0.5, min_tokens=0), "typical_min_tokens must be at least 1"),
        (
            lambda: sampling.confidence(LOGITS, LOGITS > 0, gumbel=LOGITS, mask_temperature=-1.0, progress=0.5),
            "mask_temperature must be at least 0, got -1",
        ),
        (
            lambda: sampling.confidence(LOGITS, LOGITS > 0, gumbel=LOGITS, mask_temperature=1.0, progress=0.0),
            r"progress must be in \(0, 1\], got 0",
        ),
    ],
)
def test_settings_out_of_range_are_refused(call, words):
    with pytest.raises(SettingError, match=words):
        call()
