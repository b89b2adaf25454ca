"""Reads the checkpoints that training wrote, weights only: nothing in such a file is ever executed."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from ..errors import BundleError
from ..nets.codec import CodecConfig, SpectralCodec
from ..nets.transformer import TokenTransformer, TransformerConfig, folded


def read_codec(path: Path) -> SpectralCodec:
    """Codec of a training checkpoint, ready to run.

    Raises:
        BundleError: Unreadable, or a checkpoint of something else.
    """
    state = _read(path)
    try:
        model = SpectralCodec(CodecConfig(**state["config"]))
        model.load_state_dict(state["model"])
    except (TypeError, KeyError, RuntimeError) as error:
        raise BundleError(f"{path} is no codec checkpoint: {error}") from error
    return model.eval()


def read_transformer(path: Path) -> TokenTransformer:
    """Transformer of a training checkpoint, ready to run.

    Raises:
        BundleError: Unreadable, or a checkpoint of something else.
    """
    state = _read(path)
    try:
        model = TokenTransformer(TransformerConfig(**state["config"]))
        model.load_state_dict(folded(state["model"]))
    except (TypeError, KeyError, RuntimeError) as error:
        raise BundleError(f"{path} is no transformer checkpoint: {error}") from error
    return model.eval()


def _read(path: Path) -> dict[str, Any]:
    # Whatever else is in a file, only the archive that training writes is handed to the unpickler at all.
    if not zipfile.is_zipfile(path):
        raise BundleError(f"cannot read checkpoint {path}: it is no archive that training wrote")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise BundleError(f"cannot read checkpoint {path}: {error}") from error
    return state
