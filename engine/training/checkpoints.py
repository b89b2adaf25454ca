"""Reads the checkpoints that training wrote, weights only: nothing in such a file is ever executed."""

from __future__ import annotations

import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any, Literal

import torch

from ..errors import BundleError, SettingError
from ..nets.codec import CodecConfig, SpectralCodec
from ..nets.transformer import TokenTransformer, TransformerConfig, folded

RunKind = Literal["codec", "coarse", "fine"]

# Everything that training writes, and nothing that is published, has this entry (`loop.Run.save`).
_MARK = b"spent_s"


def run_kind(path: Path) -> RunKind | None:
    """Which stage of training wrote a checkpoint; None for a file that training did not write.

    Raises:
        BundleError: Training wrote it, but it cannot be read.
    """
    if not _is_marked(path):
        return None
    config = _read(path).get("config")
    if not isinstance(config, dict):
        return None
    if "n_conditioning" in config:
        return "fine" if config["n_conditioning"] else "coarse"
    return "codec" if "frame_hop" in config else None


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


def check_resumable(state: dict[str, Any], config: dict[str, Any], run_folder: Path) -> None:
    """Refuse to go on with a run of other sizes.

    Args:
        state: What the run's checkpoint holds.
        config: The sizes asked for, as `to_dict` gives them.
        run_folder: Named in the error.

    Raises:
        SettingError: Names the sizes that differ and what to do.
    """
    saved = state.get("config")
    way_out = "give the same to go on with it, or another run folder to start anew"
    if not isinstance(saved, dict) or saved.keys() != config.keys():
        raise SettingError(f"{run_folder} holds a run of another stage of training: give another run folder")
    differing = [name for name, value in config.items() if saved[name] != value]
    if differing:
        there = ", ".join(f"{name} {saved[name]}" for name in differing)
        asked = ", ".join(f"{name} {config[name]}" for name in differing)
        raise SettingError(f"{run_folder} holds a run with {there}, got {asked}: {way_out}")


def _is_marked(path: Path) -> bool:
    """Whether the names in an archive are those that training writes; looks at the names alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            return any(_MARK in archive.read(name) for name in names)
    # A file that is no archive, or damaged so that its names cannot be read, is recognised by no mark.
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return False


def _read(path: Path) -> dict[str, Any]:
    # Whatever else is in a file, only the archive that training writes is handed to the unpickler at all.
    if not zipfile.is_zipfile(path):
        raise BundleError(f"cannot read checkpoint {path}: it is no archive that training wrote")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise BundleError(f"cannot read checkpoint {path}: {error}") from error
    return state
