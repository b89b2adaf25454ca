"""The families `codec_lac` and `codec_dac`: codes, what lies on the way to them, and audio."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...engine.compat.audio import without_mask
from .book import Array, Page, Side, Target
from .fixture_set import FixtureSet
from .guard import guarded
from .models import COARSE, CODEC, DAC, Models
from .sides import CodecSide, Codes, Floats
from .torch_side import TorchCodec

AUDIO_TOLERANCE = 2e-5
LATENT_TOLERANCE = 1e-4
MARGIN_TOLERANCE = 1e-5
CHECKPOINTS = {"codec_lac": CODEC, "codec_dac": DAC}
_FIRST = re.compile(r"(?P<stem>nq|vampnet_decode)_first\d+")
_COARSE = re.compile(r"first (\d+) codebooks and (\d+) frames")
_REFUSED = (
    "made with a torch.package archive, which runs code when it is loaded: Vampbridge refuses it (see checkpoints)"
)


@dataclass(frozen=True)
class _Codec:
    """One side of one codec, with what its checks share; `coarse` = codebooks and frames of `coarse_only_decode`."""

    page: Page
    arrays: dict[str, Array]
    side: CodecSide
    hop: int
    mask_token: int
    coarse: tuple[int, int]

    def audio(self, name: str, wanted: Array, got: Array, *, what: str = "audio") -> None:
        """Compare as many samples as were kept."""
        got = got[..., : wanted.shape[-1]]
        self.page.close(Target(what, self.side.side, name), wanted, got, tolerance=AUDIO_TOLERANCE)

    def padded(self, audio: Array) -> Floats:
        """Audio (B, 1, N) with zeros on the right up to a whole number of frames."""
        return np.pad(audio.astype(np.float32), ((0, 0), (0, 0), (0, -audio.shape[-1] % self.hop)))


def check_codec(page: Page, fixtures: FixtureSet, models: Models) -> None:
    """Either family, by the page's name."""
    arrays, name = fixtures.arrays[page.family], CHECKPOINTS[page.family]
    page.take(*(key for key in ("audio", "batch_audio", "masked_codes") if key in arrays))
    page.skip([key for key in arrays if key.startswith("package_")], _REFUSED)
    with guarded(page, _targets(arrays, "torch")):
        config = models.codec(name).config
        coarse = _coarse_sizes(page, fixtures, models)
        for side in models.codec_sides(name):
            codec = _Codec(page, arrays, side, config.hop, config.codebook_size, coarse)
            for check, names in CHECKS.items():
                here = [key for key in arrays if any(re.fullmatch(pattern, key) for pattern in names)]
                if here:
                    with guarded(page, [Target("codec", side.side, key) for key in here]):
                        check(codec)


def _coarse_sizes(page: Page, fixtures: FixtureSet, models: Models) -> tuple[int, int]:
    """Codebooks and frames of `coarse_only_decode`: as its note says, or the coarse model's and those of another."""
    arrays = fixtures.arrays[page.family]
    if "coarse_only_decode" not in arrays:
        return 0, 0
    if match := _COARSE.search(fixtures.notes.get((page.family, "coarse_only_decode"), "")):
        return int(match[1]), int(match[2])
    return models.tokens(COARSE).config.n_codebooks, arrays["masked_codes"].shape[-1]


def _targets(arrays: dict[str, Array], side: Side) -> list[Target]:
    return [Target("codec", side, name) for name in arrays if not name.startswith("package_")]


def _check_encoder(codec: _Codec) -> None:
    arrays, page, side = codec.arrays, codec.page, codec.side
    audio = codec.padded(arrays["audio"])
    if "padded_length" in arrays:
        target = Target("lengths", side.side, "padded_length")
        page.same(target, arrays["padded_length"], np.array(audio.shape[-1]))
    page.same(Target("codes", side.side, "codes"), arrays["codes"], side.encode(audio))
    for name, got in zip(("encoder_out", "latents", "zq"), side.look(audio), strict=True):
        if name in arrays:
            page.close(Target("latents", side.side, name), arrays[name], got, tolerance=LATENT_TOLERANCE)
    _check_margins(codec, "code_margin", audio)


def _check_margins(codec: _Codec, name: str, audio: Floats) -> None:
    # The graphs of a bundle choose a code and say nothing of the second best.
    if isinstance(codec.side, TorchCodec) and name in codec.arrays:
        target = Target("code margins", codec.side.side, name)
        got = codec.side.margins(audio)
        codec.page.close(target, codec.arrays[name], got, tolerance=MARGIN_TOLERANCE)


def _check_audio(codec: _Codec) -> None:
    arrays, side = codec.arrays, codec.side
    codes = arrays["codes"].astype(np.int64)
    audio = side.decode(codes)
    if "recon" in arrays:
        codec.audio("recon", arrays["recon"], side.decode(side.encode(codec.padded(arrays["audio"]))))
    if "decode_from_codes" in arrays:
        codec.audio("decode_from_codes", arrays["decode_from_codes"], audio)


def _check_levels(codec: _Codec) -> None:
    """Reconstructions from the first 1, 2 … K codebooks."""
    arrays, side = codec.arrays, codec.side
    codes, n_samples = arrays["codes"].astype(np.int64), arrays["audio"].shape[-1]
    every = [side.decode_levels(codes, n + 1)[0, 0, :n_samples] for n in range(codes.shape[1])]
    rms = np.array([_rms(audio) for audio in every])
    if "nq_rms" in arrays:
        codec.audio("nq_rms", arrays["nq_rms"], rms, what="audio of the first codebooks: RMS")
    for name in _matching(arrays, "nq"):
        codec.audio(name, arrays[name], np.stack(every), what="audio of the first codebooks")


def _check_own_decoder(codec: _Codec) -> None:
    """What the published transformer's own way back to audio gives for the same codes."""
    arrays = codec.arrays
    audio = codec.side.decode(arrays["codes"].astype(np.int64))
    if "vampnet_decode_rms" in arrays:
        codec.audio("vampnet_decode_rms", arrays["vampnet_decode_rms"], np.array([_rms(audio)]), what="audio: RMS")
    for name in _matching(arrays, "vampnet_decode"):
        codec.audio(name, arrays[name], audio)


def _check_batch(codec: _Codec) -> None:
    audio = codec.padded(codec.arrays["batch_audio"])
    codes = codec.side.encode(audio)
    codec.page.same(Target("codes", codec.side.side, "batch_codes"), codec.arrays["batch_codes"], codes)
    _check_margins(codec, "batch_code_margin", audio)


def _check_masked(codec: _Codec) -> None:
    """Masked tokens decode as code 0; and the coarse codebooks of the same frames alone."""
    arrays = codec.arrays
    masked: Codes = arrays["masked_codes"].astype(np.int64)
    audio = codec.side.decode(without_mask(masked, mask_token=codec.mask_token))
    codec.audio("masked_decode", arrays["masked_decode"], audio, what="audio of masked codes")


def _check_coarse_only(codec: _Codec) -> None:
    wanted = codec.arrays["coarse_only_decode"]
    n_codebooks, n_frames = codec.coarse
    audio = codec.side.decode_levels(codec.arrays["codes"][:, :, :n_frames].astype(np.int64), n_codebooks)
    codec.audio("coarse_only_decode", wanted, audio, what="audio of the coarse codebooks")


def _check_lengths(codec: _Codec) -> None:
    """Rows of samples in, frames, samples out, of silence: a row may be longer than the audio that the set holds."""
    rows = []
    for n_samples in codec.arrays["lengths"][:, 0]:
        codes = codec.side.encode(codec.padded(np.zeros((1, 1, int(n_samples)), dtype=np.float32)))
        rows.append((n_samples, codes.shape[-1], codec.side.decode(codes).shape[-1]))
    codec.page.same(Target("lengths", codec.side.side, "lengths"), codec.arrays["lengths"], np.array(rows))


def _rms(audio: Array) -> float:
    return float(np.sqrt(np.square(audio, dtype=np.float64).mean()))


def _matching(arrays: dict[str, Array], stem: str) -> list[str]:
    return [name for name in arrays if (match := _FIRST.fullmatch(name)) and match["stem"] == stem]


CHECKS: dict[Callable[[_Codec], None], tuple[str, ...]] = {
    _check_encoder: ("padded_length", "codes", "encoder_out", "latents", "zq", "code_margin"),
    _check_audio: ("recon", "decode_from_codes"),
    _check_levels: ("nq_rms", r"nq_first\d+"),
    _check_own_decoder: ("vampnet_decode_rms", r"vampnet_decode_first\d+"),
    _check_batch: ("batch_codes", "batch_code_margin"),
    _check_masked: ("masked_decode",),
    _check_coarse_only: ("coarse_only_decode",),
    _check_lengths: ("lengths",),
}
