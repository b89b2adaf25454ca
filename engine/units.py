"""Seconds, samples and frames: the only place that converts one into another.

A sample belongs to a sample rate, a frame to a hop (samples per codec frame). Nothing here knows audio or tokens.

Rounding, stated once:

- seconds to samples: nearest sample, halves upwards;
- samples or seconds to a *count* of frames: upwards, so that the frames always cover the samples;
- a sample or an instant to the *index* of the frame that holds it: downwards.
"""

import math

from .errors import SettingError


def samples_for_seconds(seconds: float, rate: int) -> int:
    """Samples nearest to a time; halves go upwards, so that shifting by whole samples never changes the rounding.

    Args:
        seconds: any finite time in s; may be negative (a latency to take off).
        rate: sample rate in Hz, at least 1.
    """
    return math.floor(_finite("seconds", seconds) * _at_least_one("rate", rate) + 0.5)


def seconds_for_samples(n_samples: int, rate: int) -> float:
    """Duration in s of `n_samples` samples at `rate` Hz."""
    return n_samples / _at_least_one("rate", rate)


def frames_for_samples(n_samples: int, hop_samples: int) -> int:
    """Frames that cover `n_samples` samples: ceil(n_samples / hop_samples). 0 samples need 0 frames."""
    _check_not_negative("n_samples", n_samples)
    return -(-n_samples // _at_least_one("hop_samples", hop_samples))


def samples_for_frames(n_frames: int, hop_samples: int) -> int:
    """Samples in `n_frames` whole frames."""
    return n_frames * _at_least_one("hop_samples", hop_samples)


def frames_for_seconds(seconds: float, rate: int, *, hop_samples: int) -> int:
    """Frames that cover a time: ceil(seconds · rate / hop_samples), in float64 and in this order.

    The order is the one of the published seconds-to-tokens rule, so that both round the same way.

    Args:
        seconds: time in s, at least 0.
        rate: sample rate of the codec in Hz.
        hop_samples: samples per frame.
    """
    _check_not_negative("seconds", _finite("seconds", seconds))
    return math.ceil(seconds * _at_least_one("rate", rate) / _at_least_one("hop_samples", hop_samples))


def seconds_for_frames(n_frames: int, rate: int, *, hop_samples: int) -> float:
    """Duration in s of `n_frames` frames of `hop_samples` samples at `rate` Hz."""
    return n_frames * _at_least_one("hop_samples", hop_samples) / _at_least_one("rate", rate)


def frame_index_at_sample(sample_index: int, hop_samples: int) -> int:
    """Index of the frame that holds a sample: floor(sample_index / hop_samples)."""
    return sample_index // _at_least_one("hop_samples", hop_samples)


def frame_index_at_seconds(seconds: float, rate: int, *, hop_samples: int) -> int:
    """Index of the frame that holds the sample nearest to an instant."""
    return frame_index_at_sample(samples_for_seconds(seconds, rate), hop_samples)


def _at_least_one(name: str, value: int) -> int:
    if value < 1:
        raise SettingError(f"{name} must be at least 1, got {value}")
    return value


def _check_not_negative(name: str, value: float) -> None:
    if value < 0:
        raise SettingError(f"{name} must be at least 0, got {value}")


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise SettingError(f"{name} must be finite, got {value}")
    return value
