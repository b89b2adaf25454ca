"""How a codec's work on a CPU is laid out over threads: which graphs are cut in pieces, and what each piece gets.

ONNX Runtime shares a convolution among its threads, but computes Sin, and with it most of a Snake, on one. Codecs that
work at the rate of the sound therefore run two pieces of a sound side by side, each with half of the threads. How a
sound is cut depends on its length alone, never on the machine: the same loop and seed give the same take.
"""

from __future__ import annotations

import os

from .bundle import Bundle
from .devices import CPU
from .graph_facts import operators

PIECES_AT_ONCE = 2
_CODEC = ("encoder", "decoder")
_SINE, _COSINE = "Sin", "Cos"


def is_cut(bundle: Bundle, device: str) -> bool:
    """Whether a bundle's codec runs two pieces at once: on a CPU, where sines are taken at the rate of the sound.

    A codec on spectra takes cosines too, for its phases, and far fewer of both.
    """
    return device == CPU and _SINE in (found := operators(bundle.graph("encoder"))) and _COSINE not in found


def graph_threads(bundle: Bundle, name: str, device: str, threads: int) -> int:
    """Threads for each operation of a graph, where `threads` were asked for; 0 lets ONNX Runtime choose."""
    if name not in _CODEC or not is_cut(bundle, device):
        return threads
    return max(1, (threads or os.cpu_count() or 1) // PIECES_AT_ONCE)


def pieces_at_once(threads: int) -> int:
    """Pieces of a codec that is cut that run at the same time, where `threads` were asked for, 0 for the machine's."""
    return min(PIECES_AT_ONCE, threads or os.cpu_count() or 1)
