import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine import masks
from vampbridge.engine.compat import masks as masks_compat
from vampbridge.engine.errors import SettingError

FIXTURES = Path(__file__).parent / "fixtures" / "published"
ARRAYS = dict(np.load(FIXTURES / "masks.npz"))
CASES = json.loads((FIXTURES / "masks.json").read_text())["cases"]

shapes = st.tuples(st.integers(1, 5), st.integers(1, 60))
bool_masks = st.builds(
    lambda shape, seed: np.random.default_rng(seed).random(shape) < 0.5, shapes, st.integers(0, 2**32 - 1)
)


def frames(seconds):
    return math.ceil(seconds * 44100 / 768)


# The published masks, case by case. All items of a batch are alike, except where an input mask is given.


def published_beat(case):
    """Upbeats and downbeats joined, thinned and inverted as the published function does it."""
    args, shape = case["args"], (1, frames(case["inputs"]["duration_s"]))
    downbeats = [frames(t) for t in ARRAYS["downbeat_times"]]
    upbeats = [b for b in (frames(t) for t in ARRAYS["beat_times"]) if b not in downbeats]
    mask = masks.full(shape)
    width = {"before": frames(args["before_beat_s"]), "after": frames(args["after_beat_s"])}
    if args["mask_upbeats"]:
        kept = upbeats[:: args["beat_downsample_factor"] or 1]
        mask = masks.mask_and(mask, masks_compat.beat(shape, kept, **width))
    if args["mask_downbeats"]:
        kept = downbeats[:: args["downbeat_downsample_factor"] or 1]
        mask = masks.mask_and(mask, masks_compat.beat(shape, kept, **width))
    return mask if args["invert"] else ~mask


def published_build(case):
    """The published composition of one prompt; its random parts are off or recorded (the roll)."""
    args, shape = case["args"], tuple(case["inputs"]["shape"][1:])
    assert args["rand_mask_intensity"] == 1.0
    mask = masks.prefix_suffix(shape, n_prefix=frames(args["prefix_s"]), n_suffix=frames(args["suffix_s"]))
    kept_periodically = masks_compat.periodic(shape, args["periodic_prompt"], width=args["periodic_prompt_width"])
    mask = masks.mask_and(mask, np.roll(kept_periodically, args["roll_offset_drawn"] or 0, axis=1))
    if args["onset_mask_width"]:
        onsets = ARRAYS["onset_frames_backtracked"]
        mask = masks.mask_and(mask, masks_compat.onset(shape, onsets, width=args["onset_mask_width"]))
    mask = masks.dropout(mask, args["_dropout"], rng=np.random.default_rng(0))
    return masks.mask_upper_codebooks(masks.keep_lower_codebooks(mask, args["ncc"]), args["upper_codebook_mask"])


def published(case, item):
    function, args, inputs = case["function"], case["args"], case["inputs"]
    shape = tuple(inputs["shape"][1:]) if "shape" in inputs else None
    given_mask = ARRAYS["in_mask1"][item].astype(bool)
    other_mask = ARRAYS["in_mask2"][item].astype(bool)
    rng = np.random.default_rng(0)
    return {
        "inpaint": lambda: masks.prefix_suffix(shape, **args),
        "periodic_mask": lambda: masks_compat.periodic(shape, args["period"], width=args["width"]),
        "codebook_mask": lambda: masks_compat.mask_upper_codebooks(given_mask, args["val1"]),
        "codebook_unmask": lambda: masks.keep_lower_codebooks(given_mask, args["n_conditioning_codebooks"] or 0),
        "mask_and": lambda: masks.mask_and(given_mask, other_mask),
        "mask_or": lambda: masks.mask_or(given_mask, other_mask),
        "full_mask": lambda: masks.full(shape),
        "empty_mask": lambda: masks.empty(shape),
        "linear_random": lambda: masks.random(shape, args["r"], rng=rng),
        "dropout": lambda: masks.dropout(given_mask, args["p"], rng=rng),
        "time_stretch_mask": lambda: masks.time_stretch(
            np.zeros(shape, np.int64), args["stretch_factor"], n_frames=shape[1]
        )[1],
        "onset_mask": lambda: masks_compat.onset(shape, ARRAYS[inputs["onset_frames"]], width=args["width"]),
        "make_beat_mask": lambda: published_beat(case),
        "build_mask": lambda: published_build(case),
    }[function]()


def test_all_published_cases_are_compared():
    assert Counter(case["function"] for case in CASES) == {
        "inpaint": 10,
        "periodic_mask": 78,
        "codebook_mask": 8,
        "codebook_unmask": 7,
        "mask_and": 1,
        "mask_or": 1,
        "full_mask": 1,
        "empty_mask": 1,
        "linear_random": 2,
        "dropout": 1,
        "time_stretch_mask": 5,
        "onset_mask": 6,
        "make_beat_mask": 12,
        "build_mask": 7,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_published_mask_is_reproduced(case):
    expected = ARRAYS[case["name"]].astype(bool)
    for item in range(expected.shape[0]):
        np.testing.assert_array_equal(published(case, item), expected[item])


def test_masked_codes_are_the_published_ones():
    for codes, mask, expected in zip(
        ARRAYS["in_codes"].astype(np.int64), ARRAYS["in_mask1"], ARRAYS["apply_mask_out"], strict=True
    ):
        np.testing.assert_array_equal(masks.apply_mask(codes, mask.astype(bool), mask_token=1024), expected)


# Our own promises.


def kept(mask):
    """Kept frames of a mask whose codebooks are all alike."""
    assert (mask == mask[:1]).all()
    return np.flatnonzero(~mask[0]).tolist()


def test_widths_are_exact_unlike_the_published_ones():
    for width in range(8):
        assert kept(masks.periodic((3, 64), 16, width=width, wrap=True)) == sorted(
            (centre - width // 2 + i) % 64 for centre in (0, 16, 32, 48) for i in range(width)
        )
    assert (masks_compat.periodic((1, 64), 16, width=2) == masks_compat.periodic((1, 64), 16, width=3)).all()


def test_period_zero_keeps_nothing_and_period_one_everything():
    assert masks.periodic((2, 9), 0, wrap=True).all()
    assert not masks.periodic((2, 9), 1, wrap=True).any()
    assert masks.periodic((2, 9), 3, width=0, wrap=True).all()


def test_a_width_wraps_on_the_ring_and_is_cut_on_the_line():
    assert kept(masks.periodic((1, 10), 5, width=3, wrap=True)) == [0, 1, 4, 5, 6, 9]
    assert kept(masks.periodic((1, 10), 5, width=3, wrap=False)) == [0, 1, 4, 5, 6]


@given(shapes, st.integers(1, 70), st.integers(0, 70), st.integers(-100, 100))
def test_a_ring_prompt_turns_with_its_offset(shape, period, width, offset):
    turned = masks.periodic(shape, period, width=width, offset=offset, wrap=True)
    still = masks.periodic(shape, period, width=width, wrap=True)
    np.testing.assert_array_equal(turned, np.roll(still, offset, axis=1))


def test_on_the_line_the_offset_counts_modulo_the_period():
    assert kept(masks.periodic((1, 10), 4, offset=5, wrap=False)) == [1, 5, 9]
    assert kept(masks.periodic((1, 10), 4, offset=-1, wrap=False)) == [3, 7]


def test_an_onset_near_the_start_protects_what_it_can_unlike_the_published_one():
    assert kept(masks.onset((2, 30), [1], width=8, wrap=False)) == [0, 1, 2, 3, 4]
    assert kept(masks.onset((2, 30), [1], width=8, wrap=True)) == [0, 1, 2, 3, 4, 27, 28, 29]
    assert masks_compat.onset((2, 30), [1], width=4).all()


@given(st.lists(st.integers(10, 50), max_size=5), st.integers(0, 10))
def test_an_onset_of_twice_the_width_is_the_published_onset(onsets, width):
    ours = masks.onset((1, 60), onsets, width=2 * width, wrap=False)
    np.testing.assert_array_equal(ours, masks_compat.onset((1, 60), onsets, width=width))


def test_a_beat_near_the_start_keeps_its_own_frame():
    assert kept(masks.beat((1, 20), [0, 10], before=2, after=3, wrap=False)) == [0, 1, 2, 8, 9, 10, 11, 12]
    assert kept(masks.beat((1, 20), [0], before=2, after=3, wrap=True)) == [0, 1, 2, 18, 19]
    assert kept(masks.beat((1, 20), [], before=2, after=3, wrap=True)) == []


@given(shapes, st.lists(st.integers(-80, 80), max_size=6), st.integers(0, 90))
def test_neighbourhoods_never_leave_the_mask_and_the_ring_keeps_at_least_the_line(shape, centres, width):
    line = masks.keep_centred(shape, centres, width=width, wrap=False)
    ring = masks.keep_centred(shape, centres, width=width, wrap=True)
    assert line.shape == ring.shape == shape
    assert (ring <= line).all()
    assert (~ring).sum() <= shape[0] * width * len(centres)


def test_compression_keeps_the_lowest_codebooks():
    mask = masks.compression((5, 3), 2)
    assert not mask[:2].any()
    assert mask[2:].all()
    assert not masks.compression((5, 3), 14).any()
    with pytest.raises(SettingError, match="n_kept must be at least 0, got -1"):
        masks.compression((5, 3), -1)


@given(shapes, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_a_random_mask_holds_exactly_its_share(shape, ratio, seed):
    mask = masks.random(shape, ratio, rng=np.random.default_rng(seed))
    assert mask.sum() == round(ratio * shape[0] * shape[1])


@given(bool_masks, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_dropout_drops_exactly_its_share_and_unmasks_nothing(mask, p, seed):
    before = mask.copy()
    dropped = masks.dropout(mask, p, rng=np.random.default_rng(seed))
    assert (dropped >= mask).all()
    assert dropped.sum() - mask.sum() == round(p * (~mask).sum())
    np.testing.assert_array_equal(mask, before)


def test_dropout_of_one_half_drops_one_half_unlike_the_published_one():
    dropped = masks.dropout(masks.empty((4, 250)), 0.5, rng=np.random.default_rng(0))
    assert dropped.mean() == 0.5


def test_the_same_seed_gives_the_same_mask_and_another_seed_another():
    first, again, other = (masks.random((4, 50), 0.5, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_a_share_outside_zero_to_one_is_refused(p):
    with pytest.raises(SettingError, match=r"in \[0, 1\], got"):
        masks.dropout(masks.empty((1, 4)), p, rng=np.random.default_rng(0))


def test_a_drawn_mask_is_stretched_in_time_and_over_codebooks():
    np.testing.assert_array_equal(masks.explicit((2, 6), [0, 1, 1]), [[0, 0, 1, 1, 1, 1]] * 2)
    np.testing.assert_array_equal(masks.explicit((2, 2), [[0, 0, 1, 1], [1, 1, 0, 0]]), [[0, 1], [1, 0]])


@given(bool_masks)
def test_a_drawn_mask_of_the_right_shape_is_taken_as_it_is(mask):
    np.testing.assert_array_equal(masks.explicit(mask.shape, mask.astype(int).tolist()), mask)


@pytest.mark.parametrize("drawn", [[], [[0], [1], [0]], [0, 2], [0.5], [math.nan], np.zeros((1, 1, 4)), 7])
def test_a_drawn_mask_that_is_no_mask_is_refused(drawn):
    with pytest.raises(SettingError, match="a drawn mask must"):
        masks.explicit((2, 4), drawn)


@given(shapes, st.integers(1, 7))
def test_time_stretch_repeats_frames_and_keeps_the_first_of_each_group(shape, factor):
    codes = np.arange(shape[0] * shape[1]).reshape(shape)
    stretched, mask = masks.time_stretch(codes, factor)
    assert stretched.shape == mask.shape == (shape[0], shape[1] * factor)
    np.testing.assert_array_equal(stretched[~mask].reshape(shape), codes)
    np.testing.assert_array_equal(stretched.reshape(*shape, factor), np.stack([codes] * factor, axis=-1))


def test_time_stretch_cuts_only_to_what_it_has():
    codes = np.arange(4).reshape(1, 4)
    assert masks.time_stretch(codes, 2, n_frames=5)[0].tolist() == [[0, 0, 1, 1, 2]]
    with pytest.raises(SettingError, match=r"n_frames must be in \[1, 8\], got 9"):
        masks.time_stretch(codes, 2, n_frames=9)


@pytest.mark.parametrize("join", [masks.mask_and, masks.mask_or])
def test_masks_of_different_shapes_are_not_joined(join):
    with pytest.raises(SettingError, match="same shape"):
        join(masks.full((2, 3)), masks.full((3, 2)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: masks.full((0, 4)), r"each at least 1, got \(0, 4\)"),
        (lambda: masks.periodic((1, 4), -1, wrap=True), "period must be at least 0, got -1"),
        (lambda: masks.periodic((1, 4), 2, width=-1, wrap=True), "width must be at least 0, got -1"),
        (lambda: masks.beat((1, 4), [1], before=-1, after=1, wrap=True), "before must be at least 0, got -1"),
        (lambda: masks.prefix_suffix((1, 4), n_prefix=0, n_suffix=-1), "n_suffix must be at least 0, got -1"),
        (lambda: masks.time_stretch(np.zeros((1, 4), np.int64), 0), "factor must be at least 1, got 0"),
    ],
)
def test_what_is_no_prompt_is_refused_with_its_range(call, words):
    with pytest.raises(SettingError, match=words):
        call()
