"""Which precisions are offered, and what each may cost against torch: the one place that says so.

Measured on the default model, on the published architectures at full size with random weights, and on small ones
(figures in docs/performance.md); each bound leaves some room over the worst of them. A precision without
a figure here is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodecTolerance:
    """What a codec may differ by.

    Attributes:
        decisions: Least share of equal tokens among those chosen from an equal rest (`checks.decisions_in`), 0 to 1.
        audio: Largest error of a sample of decoded audio, full scale 1.
        snr_db: Least ratio of the decoded audio to its error, dB.
    """

    decisions: float
    audio: float
    snr_db: float


@dataclass(frozen=True)
class TokenTolerance:
    """What a transformer may differ by.

    Attributes:
        argmax: Least share of positions with the same likeliest token, 0 to 1.
        logits: Largest error of a logit, in standard deviations of all logits.
    """

    argmax: float
    logits: float


CODEC_TOLERANCES = {
    # Sums in another order. 2e-5 is also what parity with the published codecs is measured at; a token flips where two
    # entries are equally near within rounding.
    "fp32": CodecTolerance(decisions=0.998, audio=2e-5, snr_db=70),
    # Weights rounded to 11 bits, arithmetic in float32. 1e-2 of full scale is at -40 dB, below what the codec itself
    # leaves of a sound.
    "fp16": CodecTolerance(decisions=0.98, audio=1e-2, snr_db=35),
    # The decoder's large convolutions in 8 bits: a noise 27 to 44 dB below the sound, whose own distance from what was
    # played is 10 dB and less. The largest error is that of one sample in tens of thousands. The encoder is fp32's.
    "mixed": CodecTolerance(decisions=0.998, audio=0.25, snr_db=20),
}
TOKEN_TOLERANCES = {
    # Sums in another order. Where logits spread by 3, this is the bar of 1e-4 that parity has.
    "fp32": TokenTolerance(argmax=0.998, logits=3e-5),
    # Weights rounded to 11 bits, arithmetic in float32.
    "fp16": TokenTolerance(argmax=0.98, logits=0.02),
    # Weights and activations rounded to 11 bits; norms, residuals and the last product in float32.
    "gpu": TokenTolerance(argmax=0.97, logits=0.03),
    # 8 bits in every product. Tokens are drawn, not taken: a logit that is off by a part of its spread changes odds.
    "int8": TokenTolerance(argmax=0.85, logits=0.6),
}
CODEC_PRECISION = "fp16"
"""By default: half the download, and nothing to hear of it."""
PUBLISHED_CODEC_PRECISION = "mixed"
"""The default for LAC and DAC, whose decoders would take longer than all passes of the transformers."""
TOKEN_PRECISION = "int8"
"""By default: on a CPU several times as fast as the others, which is what a loop has to wait for."""
