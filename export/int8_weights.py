"""Weights of a matrix product as 8-bit integers. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

MICROSOFT = "com.microsoft"
"""Domain of ONNX Runtime's own operators."""
_LARGEST = 127


def quantised_columns(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(R, C) → the nearest int8 of that shape, symmetric around 0, and the scale of each column, (C,) float32."""
    largest = np.abs(weight).max(axis=0)
    scales = np.where(largest > 0, largest / _LARGEST, 1).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


def use_microsoft_operators(model: onnx.ModelProto) -> None:
    """Say in the model that it uses ONNX Runtime's own operators."""
    if all(entry.domain != MICROSOFT for entry in model.opset_import):
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
