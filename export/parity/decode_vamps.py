"""What the family `decode` holds beyond single windows: the windowed models, whole vamps, audio to audio."""

from __future__ import annotations

import re

import numpy as np

from ...engine.compat.audio import prepare, without_mask
from ...engine.compat.windows import VampPlan, coarse_to_fine, coarse_vamp, vamp
from .book import Array, Page, Target
from .decode_set import DecodeSet, greedy_stage
from .families_codec import AUDIO_TOLERANCE
from .guard import guarded
from .models import COARSE, CODEC, FINE, Models
from .sides import CodecSide, TokenSide
from .torch_side import TorchCodec

# The audio was brought to its loudness here, so that it differs in the sixth place before it is encoded.
_MARGIN_TOLERANCE = 1e-4
_WINDOWED = re.compile(r"(?P<case>iface_\w+)_coarse")
_FROM_FEW = re.compile(r"iface_fine_from(\d+)")
_VAMP = re.compile(r"(?P<case>vamp_\w+)_result")


def check_windows(page: Page, decode: DecodeSet, models: Models) -> None:
    """Every `iface_…`: coarse windows, fine windows with and without a mask, and fine windows from few codebooks."""
    arrays = decode.arrays
    page.take(*(name for name in arrays if name == "iface_chunk_lengths"))
    for name in arrays:
        if match := _WINDOWED.fullmatch(name):
            case = match["case"]
            page.take(*(key for key in (f"{case}_codes", f"{case}_mask") if key in arrays))
            wanted = [key for key in arrays if key.startswith(f"{case}_") and key not in page.inputs]
            with guarded(page, [Target("windows", "torch", key) for key in wanted]):
                for coarse, fine in zip(models.token_sides(COARSE), models.token_sides(FINE), strict=True):
                    with guarded(page, [Target("windows", coarse.side, key) for key in wanted]):
                        _check_coarse(page, decode, case, coarse)
                        _check_fine(page, decode, case, fine)
        elif match := _FROM_FEW.fullmatch(name):
            with guarded(page, [Target("windows", "torch", name)]):
                for fine in models.token_sides(FINE):
                    with guarded(page, [Target("windows", fine.side, name)]):
                        _check_from_few(page, decode, match, fine)


def _check_coarse(page: Page, decode: DecodeSet, case: str, side: TokenSide) -> None:
    arrays = decode.arrays
    n_passes = decode.number(case, "coarse_steps", said=(f"{case}_coarse", r"(\d+) steps"), default=4)
    stage = greedy_stage(side, window_frames=decode.windows(case)[0], n_passes=n_passes)
    codes, mask = arrays[f"{case}_codes"].astype(np.int64), arrays[f"{case}_mask"].astype(bool)
    got, masked = coarse_vamp(stage, codes, mask)
    page.same(Target("coarse windows", side.side, f"{case}_coarse"), arrays[f"{case}_coarse"], got)
    if (name := f"{case}_coarse_masked") in arrays:
        page.same(Target("coarse windows: as given", side.side, name), arrays[name], masked)


def _check_fine(page: Page, decode: DecodeSet, case: str, side: TokenSide) -> None:
    arrays = decode.arrays
    n_passes = decode.number(case, "fine_steps", said=(f"{case}_fine", r"(\d+) steps"), default=2)
    stage = greedy_stage(side, window_frames=decode.windows(case)[1], n_passes=n_passes)
    codes, mask = arrays[f"{case}_coarse"].astype(np.int64), arrays[f"{case}_mask"].astype(bool)
    got, masked = coarse_to_fine(stage, codes, mask)
    found = {"fine": ("fine windows", got), "fine_masked": ("fine windows: mask again", masked)}
    if f"{case}_fine_nomask" in arrays:
        found["fine_nomask"] = ("fine windows: no mask", coarse_to_fine(stage, codes, None)[0])
    for kind, (what, tokens) in found.items():
        if (name := f"{case}_{kind}") in arrays:
            page.same(Target(what, side.side, name), arrays[name], tokens)


def _check_from_few(page: Page, decode: DecodeSet, match: re.Match[str], side: TokenSide) -> None:
    """The fine model given only the first codebooks of another case's result."""
    arrays, name = decode.arrays, match[0]
    said = re.search(r"of (iface_\w+_coarse)", decode.note(name))
    source = said[1] if said else "iface_multi_coarse"
    n_passes = decode.number(name, "fine_steps", said=(name, r"(\d+) steps"), default=2)
    window_frames = decode.windows(source.removesuffix("_coarse"))[1]
    stage = greedy_stage(side, window_frames=window_frames, n_passes=n_passes)
    got, _ = coarse_to_fine(stage, arrays[source][:, : int(match[1])].astype(np.int64), None)
    page.same(Target("fine windows: few codebooks given", side.side, name), arrays[name], got)


def check_vamps(page: Page, decode: DecodeSet, models: Models) -> None:
    """Every `vamp_…_result`: stretch, batch, feedback, both models."""
    arrays = decode.arrays
    for name in arrays:
        match = _VAMP.fullmatch(name)
        if match is None:
            continue
        case = match["case"]
        page.take(*(key for key in (f"{case}_codes", f"{case}_mask") if key in arrays))
        wanted = [key for key in (name, f"{case}_mask_returned") if key in arrays]
        with guarded(page, [Target("whole vamps", "torch", key) for key in wanted]):
            plan = VampPlan(
                batch_size=decode.number(case, "batch_size", said=(name, r"'batch_size': (\d+)"), default=1),
                feedback_steps=decode.number(
                    case, "feedback_steps", said=(name, r"'feedback_steps': (\d+)"), default=1
                ),
                stretch=decode.number(
                    case, "time_stretch_factor", said=(name, r"'time_stretch_factor': (\d+)"), default=1
                ),
            )
            for sides in zip(models.token_sides(COARSE), models.token_sides(FINE), strict=True):
                side = sides[0].side
                with guarded(page, [Target("whole vamps", side, key) for key in wanted]):
                    got, masked = _vamp(decode, case, sides, plan)
                    page.same(Target("whole vamps", side, name), arrays[name], got)
                    if (key := f"{case}_mask_returned") in arrays:
                        page.same(Target("whole vamps: masked", side, key), arrays[key], masked)


def _vamp(decode: DecodeSet, case: str, sides: tuple[TokenSide, TokenSide], plan: VampPlan) -> tuple[Array, Array]:
    """Codes and masked codes of one vamp, both models greedy."""
    name = f"{case}_result"
    n_coarse = decode.number(case, "coarse_steps", said=(name, r"(\d+) coarse steps"), default=4)
    n_fine = decode.number(case, "fine_steps", said=(name, r"(\d+) fine steps"), default=2)
    windows = decode.windows(case)
    stages = (
        greedy_stage(sides[0], window_frames=windows[0], n_passes=n_coarse),
        greedy_stage(sides[1], window_frames=windows[1], n_passes=n_fine),
    )
    codes, mask = decode.arrays[f"{case}_codes"].astype(np.int64), decode.arrays[f"{case}_mask"].astype(bool)
    return vamp(stages, codes, mask, plan)


def check_end_to_end(page: Page, decode: DecodeSet, models: Models) -> None:
    """`e2e_…`: audio to codes, a vamp, audio again."""
    wanted = [name for name in decode.arrays if name.startswith("e2e_") and name not in {"e2e_audio", "e2e_mask"}]
    page.take(*(name for name in ("e2e_audio", "e2e_mask") if name in decode.arrays))
    if not wanted:
        return
    with guarded(page, [Target("audio to audio", "torch", name) for name in wanted]):
        tokens = zip(models.token_sides(COARSE), models.token_sides(FINE), strict=True)
        for sides, codec in zip(tokens, models.codec_sides(CODEC), strict=True):
            with guarded(page, [Target("audio to audio", codec.side, name) for name in wanted]):
                _check_end_to_end(page, decode, models, (sides, codec))


def _check_end_to_end(
    page: Page, decode: DecodeSet, models: Models, sides: tuple[tuple[TokenSide, TokenSide], CodecSide]
) -> None:
    arrays, config = decode.arrays, models.codec(CODEC).config
    tokens, codec = sides
    # The set's audio is at the codec's rate.
    audio = arrays["e2e_audio"][0]
    ready = prepare(audio, config.sample_rate, rate_out=config.sample_rate, hop_samples=config.hop)[None]
    page.same(Target("audio to audio: codes", codec.side, "e2e_codes"), arrays["e2e_codes"], codec.encode(ready))
    if isinstance(codec, TorchCodec) and "e2e_code_margin" in arrays:
        target = Target("audio to audio: margins", codec.side, "e2e_code_margin")
        page.close(target, arrays["e2e_code_margin"], codec.margins(ready), tolerance=_MARGIN_TOLERANCE)
    got, _ = _vamp(decode, "e2e", tokens, VampPlan())
    page.same(Target("audio to audio: tokens", codec.side, "e2e_result"), arrays["e2e_result"], got)
    out = codec.decode(without_mask(got, mask_token=config.codebook_size))
    for name, wanted in arrays.items():
        what = Target("audio to audio: audio", codec.side, name)
        if re.fullmatch(r"e2e_out_first\d+", name):
            page.close(what, wanted, out[..., : wanted.shape[-1]], tolerance=AUDIO_TOLERANCE)
        elif name == "e2e_out_rms":
            rms = np.sqrt(np.square(out, dtype=np.float64).mean())
            page.close(what, wanted, np.reshape(rms, wanted.shape), tolerance=AUDIO_TOLERANCE)
        elif name == "e2e_out_length":
            length = Target("audio to audio: length", codec.side, name)
            page.same(length, wanted, np.array(out.shape[-1]))
