import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine import position_bias as pb
from vampbridge.engine.errors import SettingError

WEIGHTS = np.random.default_rng(0).standard_normal((32, 3)).astype(np.float32)


def test_the_buckets_are_those_of_the_t5_formula():
    # Below 8 exact; from 8 to 128 eight buckets in equal ratios of √2, so that every second border is a power of 2.
    first_of_bucket = {0: 0, 7: 7, 8: 8, 11: 8, 12: 9, 15: 9, 16: 10, 22: 10, 23: 11, 31: 11, 32: 12, 45: 12, 46: 13}
    first_of_bucket |= {63: 13, 64: 14, 90: 14, 91: 15, 127: 15, 128: 15, 5000: 15}
    distances = np.array(list(first_of_bucket))
    np.testing.assert_array_equal(pb.bucket(-distances), list(first_of_bucket.values()))
    np.testing.assert_array_equal(pb.bucket(distances[1:]), 16 + np.array(list(first_of_bucket.values())[1:]))


def test_fewer_buckets_and_a_shorter_reach_change_the_result():
    distance = np.arange(-50, 51)
    assert pb.bucket(distance, n_buckets=8).max() == 7
    assert (pb.bucket(distance, max_distance=20) != pb.bucket(distance)).any()


@given(st.integers(1, 80))
def test_the_ring_goes_the_shorter_way_and_the_line_straight(n_frames):
    line = pb.relative_distance(n_frames, ring=False)
    ring = pb.relative_distance(n_frames, ring=True)
    frames = np.arange(n_frames)
    np.testing.assert_array_equal(line, frames[None] - frames[:, None])
    assert ring.min() >= -(n_frames // 2)
    assert ring.max() < n_frames - n_frames // 2
    assert ((ring - line) % n_frames == 0).all()
    near = np.abs(line) < n_frames / 2
    np.testing.assert_array_equal(ring[near], line[near])


@given(st.integers(1, 80), st.integers(-100, 100))
def test_the_ring_bias_does_not_know_where_the_loop_starts(n_frames, turn):
    bias = pb.position_bias(WEIGHTS, n_frames, ring=True)
    np.testing.assert_array_equal(np.roll(bias, (turn, turn), axis=(2, 3)), bias)


def test_the_line_bias_depends_on_distance_only_and_knows_the_ends():
    bias = pb.position_bias(WEIGHTS, 40, ring=False)
    np.testing.assert_array_equal(bias[..., 1:, 1:], bias[..., :-1, :-1])
    assert (np.roll(bias, (1, 1), axis=(2, 3)) != bias).any()
    assert (bias != pb.position_bias(WEIGHTS, 40, ring=True)).any()


def test_the_bias_is_the_weight_of_each_pairs_bucket():
    bias = pb.position_bias(WEIGHTS, 300, ring=False)
    assert bias.shape == (1, 3, 300, 300)
    assert bias.dtype == np.float32
    assert bias.flags.c_contiguous
    # Query 0, key 5: the key comes later by 5. Query 299, key 0: earlier by more than the reach.
    np.testing.assert_array_equal(bias[0, :, 0, 5], WEIGHTS[16 + 5])
    np.testing.assert_array_equal(bias[0, :, 5, 0], WEIGHTS[5])
    np.testing.assert_array_equal(bias[0, :, 299, 0], WEIGHTS[15])


def test_the_seam_of_a_ring_is_one_frame_wide():
    bias = pb.position_bias(WEIGHTS, 50, ring=True)
    np.testing.assert_array_equal(bias[0, :, 49, 0], WEIGHTS[16 + 1])
    np.testing.assert_array_equal(bias[0, :, 0, 49], WEIGHTS[1])


def test_no_frames_are_refused():
    with pytest.raises(SettingError, match="n_frames must be at least 1, got 0"):
        pb.relative_distance(0, ring=True)
