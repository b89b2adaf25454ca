"""The graphs of a bundle, run by ONNX Runtime: the only file that imports it. Arrays in, arrays out."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from .bundle import GRAPHS, POSITION_BIAS, Bundle
from .errors import BundleError
from .position_bias import position_bias
from .settings import VampSettings

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]

# Frames handed to the codec at once. Its receptive field is finite, so chunks with context give the same numbers as
# one piece, in bounded memory.
CODEC_CHUNK_FRAMES = 1024
_CACHED_BIASES = 8
LEAST_TEMPERATURE = 1e-3


class Runtime:
    """A bundle's four graphs, loaded: `codec`, `coarse` and `fine`."""

    def __init__(self, bundle: Bundle, *, threads: int = 0) -> None:
        """`threads` for each operation; 0 lets ONNX Runtime take one per physical core.

        Raises:
            BundleError: A graph cannot be loaded.
        """
        sessions = {name: _session(bundle, name, threads) for name in GRAPHS}
        manifest = bundle.manifest
        with np.load(io.BytesIO(bundle.contents[POSITION_BIAS]), allow_pickle=False) as weights:
            coarse_bias, fine_bias = weights["coarse"], weights["fine"]
        self.codec = CodecRuntime(
            sessions["encoder"], sessions["decoder"], hop=manifest.hop, context=manifest.codec_context
        )
        sizes = (manifest.vocabulary, manifest.n_coarse, manifest.n_codebooks)
        self.coarse = TokenRuntime(
            sessions["coarse"], coarse_bias, TokenShape(sizes[0], 0, sizes[1], manifest.coarse_context)
        )
        self.fine = TokenRuntime(
            sessions["fine"], fine_bias, TokenShape(sizes[0], sizes[1], sizes[2], manifest.fine_context)
        )


class CodecRuntime:
    """Encoder and decoder with the surroundings they need, on the ring or on the line."""

    def __init__(
        self, encoder: onnxruntime.InferenceSession, decoder: onnxruntime.InferenceSession, *, hop: int, context: int
    ) -> None:
        self._encoder, self._decoder = encoder, decoder
        self.hop, self.context = hop, context

    def encode(self, audio: Floats, *, ring: bool) -> Codes:
        """Mono audio (T·hop,) → codes (K, T). On the ring the surroundings wrap, on the line they are silence."""
        n_frames = len(audio) // self.hop
        pieces = []
        for start in range(0, n_frames, CODEC_CHUNK_FRAMES):
            stop = min(start + CODEC_CHUNK_FRAMES, n_frames)
            index = np.arange((start - self.context) * self.hop, (stop + self.context) * self.hop)
            chunk = audio[index % len(audio)]
            if not ring:
                chunk = np.where((index >= 0) & (index < len(audio)), chunk, np.float32(0))
            (codes,) = self._encoder.run(None, {"audio": chunk[None, None].astype(np.float32)})
            pieces.append(codes[0, :, self.context : self.context + stop - start])
        return np.concatenate(pieces, axis=1)

    def decode(self, codes: Codes, *, ring: bool) -> Floats:
        """Codes (K, T) → mono audio (T·hop,). On the line the first and last frames are held as surroundings."""
        n_frames = codes.shape[1]
        pieces = []
        for start in range(0, n_frames, CODEC_CHUNK_FRAMES):
            stop = min(start + CODEC_CHUNK_FRAMES, n_frames)
            index = np.arange(start - self.context, stop + self.context)
            index = index % n_frames if ring else np.clip(index, 0, n_frames - 1)
            (audio,) = self._decoder.run(None, {"codes": np.ascontiguousarray(codes[None, :, index])})
            lead = self.context * self.hop
            pieces.append(audio[0, 0, lead : lead + (stop - start) * self.hop])
        return np.concatenate(pieces).astype(np.float32)


@dataclass(frozen=True)
class TokenShape:
    """Sizes of a token model: it reads codebooks 0 … `n_codebooks`, and predicts those from `n_conditioning` on."""

    vocabulary: int
    n_conditioning: int
    n_codebooks: int
    context_frames: int

    @property
    def n_predicted(self) -> int:
        """Codebooks predicted, P."""
        return self.n_codebooks - self.n_conditioning


class TokenRuntime:
    """A transformer with its sampling step."""

    def __init__(self, session: onnxruntime.InferenceSession, bias_weights: Floats, shape: TokenShape) -> None:
        self._session, self._bias_weights = session, bias_weights
        self.shape = shape
        self._biases: dict[tuple[int, bool], Floats] = {}

    def sample(
        self, codes: Codes, rows: Codes, uniforms: Floats, *, settings: VampSettings, ring: bool
    ) -> tuple[Codes, Floats]:
        """Run one pass.

        Args:
            codes: (K, T) with `vocabulary` where masked.
            rows: (M,) flat positions t·P + p to draw.
            uniforms: (M,) in [0, 1).
            settings: Temperature and filters are read from it.
            ring: Whether frame T - 1 is next to frame 0.

        Returns:
            Tokens (M,) int64 and their log-probabilities (M,) float32.
        """
        # Below a thousandth the likeliest token wins by more than float32 can tell, and dividing by it overflows.
        temperature = settings.temperature if settings.temperature >= LEAST_TEMPERATURE else 0.0
        tokens, log_probs = self._session.run(
            None,
            {
                "codes": codes[None],
                "position_bias": self._bias(codes.shape[1], ring=ring),
                "rows": rows,
                "uniforms": uniforms,
                "temperature": np.array(temperature, dtype=np.float32),
                "typical_mass": np.array(settings.typical_mass if settings.typical else 1.0, dtype=np.float32),
                "typical_min_tokens": np.array(settings.typical_min_tokens, dtype=np.float32),
                "top_p": np.array(settings.top_p, dtype=np.float32),
            },
        )
        return tokens, log_probs

    def _bias(self, n_frames: int, *, ring: bool) -> Floats:
        key = (n_frames, ring)
        if key not in self._biases:
            if len(self._biases) >= _CACHED_BIASES:
                del self._biases[next(iter(self._biases))]
            self._biases[key] = position_bias(self._bias_weights, n_frames, ring=ring)
        return self._biases[key]


def _session(bundle: Bundle, name: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Denormal numbers are not flushed: ONNX Runtime would switch that for the whole calling thread, the host's own.
    # Spinning workers would take a core from the audio between two passes.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(bundle.graph(name), options, providers=["CPUExecutionProvider"])
    # ONNX Runtime raises a dozen classes of its own without a common base; all of them mean the same here.
    except Exception as error:
        raise BundleError(f"bundle {bundle.manifest.name}: graph {name} cannot be loaded: {error}") from error
