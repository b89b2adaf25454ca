"""The published models at full size with random weights, and their graphs: weights change neither speed nor memory.

Graphs are exported once into a folder and used again. Exporting the transformers takes about a minute each and 5 GB.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from vampbridge.engine.bundle import Bundle, Manifest
from vampbridge.engine.codec_threads import graph_threads, pieces_at_once
from vampbridge.engine.devices import CPU, CUDA
from vampbridge.engine.errors import VampbridgeError
from vampbridge.engine.nets.transformer import TokenTransformer, TransformerConfig
from vampbridge.engine.nets.waveform_codec import Snake, WaveformCodec, WaveformCodecConfig
from vampbridge.engine.position_bias import position_bias
from vampbridge.engine.runtime import CodecLimits, CodecRuntime
from vampbridge.engine.sessions import Session, device_of, open_session
from vampbridge.engine.token_runtime import BoundTokenRuntime, TokenShape
from vampbridge.export.graphs import decoder_graph, encoder_graph, token_graph
from vampbridge.export.precision import with_precision
from vampbridge.export.receptive_field import context_frames, with_heard_frames

Feeds = dict[str, NDArray[Any]]

SIZES = {
    "coarse": TransformerConfig(n_codebooks=4, n_conditioning=0, width=1280, n_heads=20, n_layers=20),
    "fine": TransformerConfig(n_codebooks=14, n_conditioning=4, width=1280, n_heads=20, n_layers=16),
}
CONTEXT_FRAMES = {"coarse": 575, "fine": 173}


def default_folder() -> Path:
    """Where graphs are kept when no folder is named."""
    return Path(tempfile.gettempdir()) / "vampbridge-published-graphs"


def transformer(part: str) -> TokenTransformer:
    """`coarse` (335.9 M parameters) or `fine` (277.8 M), always with the same random weights."""
    torch.manual_seed(0)
    return TokenTransformer(SIZES[part]).eval()


def codec() -> WaveformCodec:
    """LAC with a decoder width of 1536; every Snake bends differently, so that the exporter cannot merge any."""
    torch.manual_seed(0)
    model = WaveformCodec(WaveformCodecConfig()).eval()
    for module in model.modules():
        if isinstance(module, Snake):
            module.alpha.data = torch.exp(torch.randn_like(module.alpha) * 0.4)
    return model


def graph_file(folder: Path, part: str, precision: str) -> Path:
    """A graph, exported if the folder does not hold it yet."""
    path = folder / f"{part}-{precision}.onnx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        graphs: dict[str, Callable[[], Any]] = {
            "encoder": lambda: with_heard_frames(encoder_graph(codec()), codec()),
            "decoder": lambda: decoder_graph(codec()),
        }
        exported = graphs[part]() if part in graphs else token_graph(transformer(part))
        path.write_bytes(with_precision(exported, precision).SerializeToString())
    return path


def session(folder: Path, part: str, precision: str, *, threads: int) -> onnxruntime.InferenceSession:
    """A graph, exported if the folder does not hold it yet, loaded as the engine loads it."""
    path = graph_file(folder, part, precision)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def token_feeds(model: TokenTransformer, n_frames: int, *, share_masked: float) -> Feeds:
    """Inputs of one pass of a token graph over random codes: temperature 1, no filter."""
    config, rng = model.config, np.random.default_rng(0)
    codes = rng.integers(0, config.vocabulary, (1, config.n_codebooks, n_frames))
    masked = rng.random(codes.shape) < share_masked
    masked[:, : config.n_conditioning] = False
    codes[masked] = config.vocabulary
    rows = np.flatnonzero(masked[0, config.n_conditioning :].T.reshape(-1))
    numbers = {"temperature": 1.0, "typical_mass": 1.0, "typical_min_tokens": 64.0, "top_p": 1.0}
    return {
        "codes": codes,
        "position_bias": position_bias(model.relative_attention_bias.detach().numpy(), n_frames, ring=False),
        "rows": rows,
        "uniforms": rng.random(rows.size).astype(np.float32),
        **{name: np.array(value, np.float32) for name, value in numbers.items()},
    }


def bound_tokens(folder: Path, part: str, *, device: str) -> BoundTokenRuntime:
    """A transformer as the engine runs it on a GPU: graphs for it, padded lengths, fixed places, captured there."""
    model, on_cuda = transformer(part), device == CUDA
    graph = graph_file(folder, part, "gpu").read_bytes()
    opened = open_session(graph, what=part, device=device, cuda_graphs=on_cuda)
    config = model.config
    shape = TokenShape(config.vocabulary, config.n_conditioning, config.n_codebooks, CONTEXT_FRAMES[part])
    weights = model.relative_attention_bias.detach().numpy()
    return BoundTokenRuntime(_on(opened, device), weights, shape, device=device, cuda_graphs=on_cuda)


def _on(opened: Session, device: str) -> Session:
    """ONNX Runtime goes on without a GPU; a benchmark of one must not."""
    if device_of(opened) != device:
        raise VampbridgeError(f"ONNX Runtime went on without {device}: `vampbridge doctor` says what is missing")
    return opened


def codec_runtime(folder: Path, *, threads: int, device: str = CPU) -> CodecRuntime:
    """Encoder in float32 and decoder in mixed precision, on a GPU in float32, laid out as the engine does it."""
    precision = {"encoder": "fp32", "decoder": "mixed" if device == CPU else "fp32"}
    contents = {f"{part}.onnx": graph_file(folder, part, how).read_bytes() for part, how in precision.items()}
    model = codec()
    # Of a manifest, laying out a codec reads only the hop.
    bundle = Bundle(cast("Manifest", SimpleNamespace(hop=model.config.hop)), "", contents)
    encoder, decoder = (
        open_session(bundle.graph(part), what=part, threads=graph_threads(bundle, part, device, threads), device=device)
        for part in precision
    )
    return CodecRuntime(
        _on(encoder, device),
        _on(decoder, device),
        hop=model.config.hop,
        context=context_frames(model),
        limits=CodecLimits.of(bundle, device, pad=device != CPU),
        at_once=pieces_at_once(threads),
    )
