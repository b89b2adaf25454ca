"""What published checkpoints are: VampNet coarse and fine, low-rank adapters, the codecs LAC and DAC.

Sizes come from the shapes of the tensors; what the file says of itself beside them (`kwargs`) must agree. Every weight
in a file ends in the model and every weight of the model comes from the file, or reading fails and says which does not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from torch import Tensor

from ..errors import BundleError
from ..nets.transformer import TokenTransformer
from ..nets.waveform_codec import WaveformCodec
from .archives import Archive, read_archive
from .codec_weights import CODEBOOK, build_codec, family_of
from .vampnet_weights import CLASSIFIER, MASK, build_vampnet
from .weights import is_adapter_name, listed

Kind = Literal["coarse", "fine", "adapter", "lac", "dac"]

_PUBLISHED_VOCABULARY = 1024
_TOLD: dict[Kind, str] = {
    "coarse": "a coarse VampNet",
    "fine": "a fine VampNet",
    "adapter": "adapters alone, which go over the model that they adapt",
    "lac": "the codec LAC",
    "dac": "the codec DAC",
}


def identify(archive: Archive) -> Kind:
    """What an archive holds, by the names in it.

    Coarse and fine differ in the number of conditioning codebooks. A file that does not say it is measured against the
    published vocabulary, or else taken for coarse; `read_vampnet` knows the codec and needs no guess.

    Raises:
        BundleError: Nothing that is known here.
    """
    state = archive.state
    if all(is_adapter_name(name) for name in state):
        return "adapter"
    if CODEBOOK in state:
        return family_of(state)
    if MASK in state and f"{CLASSIFIER}.bias" in state:
        return "fine" if _conditioning(archive) else "coarse"
    raise BundleError(f"checkpoint {archive.path} is no VampNet, adapter, LAC or DAC; it holds {listed(list(state))}")


def read_waveform_codec(path: Path) -> WaveformCodec:
    """LAC or DAC, ready to run on the CPU in float32.

    The sample rate is not in the weights; a file that does not say it has the published 44,100 Hz.

    Raises:
        BundleError: Unreadable, damaged, no codec, or one that differs from the published ones.
    """
    return build_codec(_read(path, kinds=("lac", "dac")))


def read_vampnet(path: Path, codebooks: Tensor, *, adapter: Path | None = None) -> TokenTransformer:
    """VampNet coarse or fine, ready to run on the CPU in float32, its adapters added to its weights.

    Args:
        path: a weights archive of the whole model.
        codebooks: (≥ K, V, d) entries of the codec that the model was trained on: its `quantizer.codebooks`.
        adapter: an archive of adapters alone; they take the place of those in `path`, as loading them over it does.

    Raises:
        BundleError: Unreadable, damaged, no such model, one that differs from the published, or not for this codec.
    """
    adapters = None if adapter is None else _read(adapter, kinds=("adapter",))
    return build_vampnet(_read(path, kinds=("coarse", "fine")), codebooks, adapters=adapters)


def _read(path: Path, *, kinds: tuple[Kind, ...]) -> Archive:
    archive = read_archive(path)
    kind = identify(archive)
    if kind not in kinds:
        expected = " or ".join(_TOLD[wanted] for wanted in kinds)
        raise BundleError(f"checkpoint {path} holds {_TOLD[kind]}, expected {expected}")
    return archive


def _conditioning(archive: Archive) -> int:
    """How many codebooks a VampNet is given: as it says, or as many as its classifier does not cover."""
    said = archive.kwargs.get("n_conditioning_codebooks")
    if isinstance(said, int):
        return said
    vocabulary = archive.kwargs.get("vocab_size")
    if not isinstance(vocabulary, int) or vocabulary < 1:
        vocabulary = _PUBLISHED_VOCABULARY
    predicted, rest = divmod(archive.state[f"{CLASSIFIER}.bias"].numel(), vocabulary)
    return 0 if rest else archive.state[MASK].shape[:1].numel() - predicted
