"""Exported graphs against torch: what a bundle's manifest says under `checks`, and what is refused.

A graph is checked as it is shipped, in its precision, on noise and on random tokens; nobody's music is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..engine.errors import BundleError
from ..engine.nets.transformer import TokenTransformer
from ..engine.position_bias import position_bias
from ..engine.runtime import CodecRuntime
from .graphs import LOGITS, with_logits
from .models import TorchCodec
from .sessions import open_session
from .tolerances import CODEC_TOLERANCES, TOKEN_TOLERANCES

Codes = NDArray[np.int64]

N_FRAMES = 100
_LEVEL = 0.06  # of the noise, root mean square: about -24 LUFS, where the engine hands loops to the codec
_MASKED = 0.7
_LEAST_POWER = 1e-20  # keeps silence, and an exact match, out of the logarithm
_SETTINGS = ("temperature", "typical_mass", "typical_min_tokens", "top_p")


@torch.inference_mode()
def check_codec(codec: TorchCodec, runtime: CodecRuntime, precision: str) -> dict[str, str]:
    """Compare encoder and decoder with torch, on a ring of noise.

    Returns:
        `encoder_agreement`: share of equal tokens; `encoder_decisions`: see `decisions_in`;
        `decoder_largest_error`: of a sample; `decoder_snr_db`: audio over error.

    Raises:
        BundleError: Beyond the tolerance of `precision`.
    """
    hop, context = runtime.hop, runtime.context
    audio = noise(hop)
    wrapped = np.pad(audio, context * hop, mode="wrap")
    codes = codec.encode(torch.from_numpy(wrapped)[None, None])[0, :, context : context + N_FRAMES].numpy()
    ours = runtime.encode(audio, ring=True)
    around = torch.from_numpy(np.pad(codes, ((0, 0), (context, context)), mode="wrap"))[None]
    decoded = codec.decode(around)[0, 0, context * hop : (context + N_FRAMES) * hop].numpy()
    audio_again = runtime.decode(codes, ring=True)
    if audio_again.shape != decoded.shape or ours.shape != codes.shape:
        raise BundleError(
            f"the exported codec gives tokens {ours.shape} and {audio_again.shape} samples, "
            f"expected {codes.shape} and {decoded.shape}"
        )
    return _judged((ours, codes), (audio_again, decoded), precision)


def _judged(
    tokens: tuple[Codes, Codes], sounds: tuple[NDArray[np.float32], NDArray[np.float32]], precision: str
) -> dict[str, str]:
    """The checks of a codec from its tokens (K, T) and sound (N,), each from the graph and from torch."""
    (ours, codes), (audio_again, decoded) = tokens, sounds
    difference = decoded - audio_again
    error = float(np.abs(difference).max())
    # Without the mean: a constant offset of the sound would make any error look small.
    snr_db = float(10 * np.log10(max(decoded.var(), _LEAST_POWER) / max(difference.var(), _LEAST_POWER)))
    decisions = decisions_in(ours, codes)
    checks = {
        "encoder_agreement": f"{(ours == codes).mean():.4f}",
        "encoder_decisions": f"{decisions:.4f}",
        "decoder_largest_error": f"{error:.2e}",
        "decoder_snr_db": f"{snr_db:.1f}",
    }
    tolerance = CODEC_TOLERANCES[precision]
    # Written so that a NaN is refused too.
    if not (decisions >= tolerance.decisions and error <= tolerance.audio and snr_db >= tolerance.snr_db):
        raise BundleError(
            f"the exported codec does not agree with torch: {checks}; in {precision} the decisions must agree to "
            f"{tolerance.decisions} and the audio to {tolerance.audio} and {tolerance.snr_db} dB"
        )
    return checks


def noise(hop: int) -> NDArray[np.float32]:
    """Mono audio (N_FRAMES·hop,) to check with, the same every time."""
    return (np.random.default_rng(0).standard_normal(N_FRAMES * hop) * _LEVEL).astype(np.float32)


def decisions_in(codes: Codes, wanted: Codes) -> float:
    """Share of equal tokens among those that were chosen after equal ones, of codes (K, T).

    Each level codes what the levels before it left, so that one token on the border of two entries changes all that
    come after it in its frame. Those have another input and say nothing about the graph.
    """
    same = codes == wanted
    after_equal = np.concatenate((np.ones_like(same[:1]), np.cumprod(same, axis=0, dtype=bool)[:-1]))
    return float(same[after_equal].mean())


@torch.inference_mode()
def check_tokens(model: TokenTransformer, graph: bytes, codes: Codes, precision: str) -> dict[str, str]:
    """Compare a transformer with torch, on a ring of tokens (K, T) of which most are masked.

    Args:
        model: The transformer.
        graph: Its token graph as it is shipped, serialised.
        codes: (K, T) tokens for it to read.
        precision: Of the graph.

    Returns:
        `argmax_agreement`: share of positions with the same likeliest token; `largest_logit_error`.

    Raises:
        BundleError: Beyond the tolerance of `precision`.
    """
    config, n_frames = model.config, codes.shape[1]
    rng = np.random.default_rng(1)
    masked = codes[: config.n_codebooks].copy()
    masked[config.n_conditioning :][rng.random((config.n_predicted, n_frames)) < _MASKED] = config.vocabulary
    bias = position_bias(model.relative_attention_bias.numpy(), n_frames, ring=True)
    wanted = model(torch.from_numpy(masked)[None], torch.from_numpy(bias))[0].numpy()  # (T·P, V)
    tokens, logits = _likeliest(graph, masked, bias, len(wanted))
    agreement = float((tokens == wanted.argmax(-1)).mean())
    error, spread = float(np.abs(logits - wanted).max()), float(wanted.std())
    checks = {"argmax_agreement": f"{agreement:.4f}", "largest_logit_error": f"{error:.2e}"}
    tolerance = TOKEN_TOLERANCES[precision]
    if not (agreement >= tolerance.argmax and error <= tolerance.logits * spread):
        raise BundleError(
            f"the exported transformer does not agree with torch: {checks}; in {precision} {tolerance.argmax} of the "
            f"likeliest tokens must agree, and the logits to {tolerance.logits * spread:.2e}"
        )
    return checks


def _likeliest(
    graph: bytes, codes: Codes, bias: NDArray[np.float32], n_rows: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Likeliest tokens (T·P,) and logits (T·P, V) of codes (K, T), by a token graph."""
    inputs: dict[str, NDArray[Any]] = {
        "codes": codes[None],
        "position_bias": bias,
        "rows": np.arange(n_rows),
        "uniforms": np.zeros(n_rows, np.float32),
        # Temperature 0 takes the likeliest token; 1 turns both filters off.
        **{name: np.array(value, np.float32) for name, value in zip(_SETTINGS, (0, 1, 1, 1), strict=True)},
    }
    tokens, logits = open_session(with_logits(graph)).run(["tokens", LOGITS], inputs)
    return tokens, logits
