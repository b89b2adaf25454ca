"""A bundle's four graphs, loaded on a device: arrays in, arrays out. The codec with its surroundings stands here.

Token graphs are in `token_runtime`; opening them, and finding out where they really run, is in `opening`.
"""

from __future__ import annotations

import copy
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .buckets import CODEC_GROWTH, buckets, padded
from .bundle import POSITION_BIAS, Bundle
from .codec_threads import PIECES_AT_ONCE, is_cut, pieces_at_once
from .devices import CPU, CUDA, DEFAULT_DEVICE, DeviceInUse
from .errors import BundleError
from .graph_facts import floats_per_frame, operators
from .opening import TOKEN_GRAPHS, Opened, open_on
from .sessions import Session
from .settings import VampSettings
from .token_runtime import BoundTokenRuntime, TokenRuntime, TokenShape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CODEC_CHUNK_FRAMES", "CodecLimits", "CodecRuntime", "Runtime", "TokenRuntime", "TokenShape"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float32]
_Array = TypeVar("_Array", bound=NDArray[Any])

# Frames handed to the codec at once, at most. Its receptive field is finite, so chunks with context give the same
# numbers as one piece, in bounded memory.
CODEC_CHUNK_FRAMES = 1024
CODEC_CHUNK_BYTES = {CPU: 384 * 2**20, CUDA: 2**30}
"""What the activations of a chunk may take: small beside the weights, and long enough for surroundings to be cheap."""
LIVE_ACTIVATIONS = 8
"""Memory of a run over that of its largest activation: 5 was measured for LAC's encoder and 9 for its decoder."""
UNTOLD_CHUNK_FRAMES = 128
"""For a decoder whose convolutions were rewritten as matrix products and do not go tile by tile: its sizes are lost."""
TILED_CHUNK_FRAMES = 166
"""For one that goes tile by tile, but not yet in its first layers: 144 frames of the sound and their surroundings."""
TRIMMED_FRAMES = "trimmed_frames"
"""Metadata of a decoder: frames at either end of the codes that it reads and returns no audio for."""
HEARD_FRAMES = "heard_frames"
"""Metadata of an encoder: frames of surroundings that it needs; without it, as many as its bundle says."""
_TRIAL_FRAMES = 8
_REWRITTEN = "MatMulIntegerToFloat"
_QUANTISES_ACTIVATIONS = frozenset({"DynamicQuantizeLinear", "DynamicQuantizeMatMul"})

Parts = tuple["CodecRuntime", TokenRuntime, TokenRuntime]


class Runtime:
    """A bundle's graphs, loaded: `codec`, `coarse` and `fine`."""

    def __init__(
        self, bundle: Bundle, *, threads: int = 0, device: str = DEFAULT_DEVICE, pad: bool | None = None
    ) -> None:
        """Load and, where it is not certain that the device works, try it.

        Args:
            bundle: What to load.
            threads: For each operation; 0 lets ONNX Runtime take one per physical core.
            device: One of `devices.DEVICES`.
            pad: Whether lengths are padded to a few sizes; None pads on the GPU.

        Raises:
            BundleError: A graph cannot be loaded.
            MissingDependencyError: `cuda` was asked for and does not work.
            SettingError: There is no such device.
        """
        self._bundle, self._pad, self._threads = bundle, pad, threads
        # 8-bit graphs scale activations per tensor and would hear the padding.
        self._paddable = frozenset(
            name for name in TOKEN_GRAPHS if not _operators(bundle, name) & _QUANTISES_ACTIVATIONS
        )
        bound = frozenset[str]() if pad is False else self._paddable
        opened, parts = open_on(bundle, device, threads=threads, make=self._make_and_try, bound=bound)
        self.codec, self.coarse, self.fine = parts
        self._bundle = bundle.without_contents()  # its bytes would stay in memory beside the sessions' copies of them
        self.device: DeviceInUse = opened.device

    def warm_up(self) -> None:
        """On padded lengths meet each once, so that searches and captures are over; otherwise nothing."""
        self.codec.warm_up()
        self.coarse.warm_up()
        self.fine.warm_up()

    def _make_and_try(self, opened: Opened) -> Parts:
        codec, coarse, fine = self._parts(opened)
        if opened.device.name != CPU:
            audio = np.zeros(_TRIAL_FRAMES * codec.hop, dtype=np.float32)
            codes = codec.encode(audio, ring=True)
            row, uniform = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.float32)
            for model in (coarse, fine):
                read = codes[: model.shape.n_codebooks]
                model.sample(read, row, uniform, settings=VampSettings(), ring=True)
            codec.decode(codes, ring=True)
        return codec, coarse, fine

    def _parts(self, opened: Opened) -> Parts:
        manifest, device, sessions = self._bundle.manifest, opened.device.name, opened.sessions
        pad = device != CPU if self._pad is None else self._pad
        codec = CodecRuntime(
            sessions["encoder"],
            sessions["decoder"],
            hop=manifest.hop,
            context=manifest.codec_context,
            limits=CodecLimits.of(self._bundle, device, pad=pad),
            at_once=pieces_at_once(self._threads),
        )
        with np.load(io.BytesIO(self._bundle.contents[POSITION_BIAS]), allow_pickle=False) as weights:
            biases = {name: weights[name] for name in ("coarse", "fine")}
        n_coarse = manifest.n_coarse
        shapes = {
            "coarse": TokenShape(manifest.vocabulary, 0, n_coarse, manifest.coarse_context),
            "fine": TokenShape(manifest.vocabulary, n_coarse, manifest.n_codebooks, manifest.fine_context),
        }

        def tokens(name: str) -> TokenRuntime:
            if not pad or name not in self._paddable:
                return TokenRuntime(sessions[name], biases[name], shapes[name])
            return BoundTokenRuntime(
                sessions[name], biases[name], shapes[name], device=device, cuda_graphs=name in opened.captured
            )

        return codec, tokens("coarse"), tokens("fine")


@dataclass(frozen=True)
class CodecLimits:
    """How much of a sound the codec's graphs are given at once.

    Attributes:
        encoded_frames: To the encoder, surroundings included; None sets no limit but CODEC_CHUNK_FRAMES.
        decoded_frames: To the decoder, likewise.
        pad: Whether pieces are padded with more surroundings to one of a few lengths.
        multiple: The number of pieces is a multiple of this, and all are of about one length; not with `pad`.
    """

    encoded_frames: int | None = None
    decoded_frames: int | None = None
    pad: bool = False
    multiple: int = 1

    @classmethod
    def of(cls, bundle: Bundle, device: str, *, pad: bool) -> CodecLimits:
        """What CODEC_CHUNK_BYTES allows the codec of a bundle on a device, from the sizes in its graphs."""

        def frames(name: str, samples_per_frame: int) -> int | None:
            graph = bundle.graph(name)
            if _REWRITTEN in (found := operators(graph)):
                return TILED_CHUNK_FRAMES if "Loop" in found else UNTOLD_CHUNK_FRAMES
            floats = floats_per_frame(graph, samples_per_frame=samples_per_frame)
            return CODEC_CHUNK_BYTES[device] // (4 * LIVE_ACTIVATIONS * floats) if floats else None

        multiple = PIECES_AT_ONCE if not pad and is_cut(bundle, device) else 1
        return cls(frames("encoder", bundle.manifest.hop), frames("decoder", 1), pad, multiple)


class CodecRuntime:
    """Encoder and decoder with the surroundings they need, on the ring or on the line.

    Frame i is samples i·hop to (i + 1)·hop. Codecs with odd strides return a few samples or frames more or fewer than
    that at the end, never at the start: there the sound is cut, and surroundings make up for what is missing.
    """

    def __init__(
        self,
        encoder: Session,
        decoder: Session,
        *,
        hop: int,
        context: int,
        limits: CodecLimits | None = None,
        at_once: int = 1,
    ) -> None:
        """A codec of two graphs.

        Args:
            encoder: Says how many frames of surroundings it needs, or gets `context`.
            decoder: Gets `context` frames of surroundings, or as many as it trims if that is more.
            hop: Samples of a frame.
            context: See above.
            limits: How a sound is cut.
            at_once: Pieces that run at the same time, each in a thread; changes nothing but speed.
        """
        self._encoder, self._decoder = encoder, decoder
        self.hop, self.context = hop, context
        self.limits, self._at_once = limits or CodecLimits(), at_once
        self._trimmed = int(decoder.get_modelmeta().custom_metadata_map.get(TRIMMED_FRAMES, "0"))
        self.heard = int(encoder.get_modelmeta().custom_metadata_map.get(HEARD_FRAMES, context))

    def without_surroundings(self) -> CodecRuntime:
        """The same graphs with nothing around a sound but their own padding, in one piece.

        A decoder that trims has no padding of its own, and hears the first and last frame held.
        """
        bare = copy.copy(self)
        bare.context, bare.heard, bare.limits = 0, 0, CodecLimits()
        return bare

    def encode(self, audio: Floats, *, ring: bool) -> Codes:
        """Mono audio (T·hop,) → codes (K, T). On the ring the surroundings wrap, on the line they are silence.

        Raises:
            BundleError: The encoder returns too few frames for the surroundings of its bundle.
        """
        context = self.heard

        def encoded(start: int, stop: int, around: range) -> Codes:
            index = np.arange(around.start * self.hop, around.stop * self.hop)
            chunk = audio[index % len(audio)]
            if not ring:
                chunk = np.where((index >= 0) & (index < len(audio)), chunk, np.float32(0))
            (codes,) = self._encoder.run(None, {"audio": chunk[None, None].astype(np.float32)})
            piece: Codes = codes[0, :, context : context + stop - start]
            if context and piece.shape[1] < stop - start:
                raise BundleError(
                    f"the encoder returns {codes.shape[2]} frames for {len(around)}, too few for codec_context "
                    f"{context}: export the bundle again"
                )
            return piece

        pieces = self._pieces(len(audio) // self.hop, context, self.limits.encoded_frames)
        return np.concatenate(self._each(encoded, pieces), axis=1)

    def decode(self, codes: Codes, *, ring: bool) -> Floats:
        """Codes (K, T) → mono audio (T·hop,). On the line the first and last frames are held as surroundings."""
        n_frames = codes.shape[1]
        context = max(self.context, self._trimmed)
        lead = (context - self._trimmed) * self.hop

        def decoded(start: int, stop: int, around: range) -> Floats:
            index = np.asarray(around)
            index = index % n_frames if ring else np.clip(index, 0, n_frames - 1)
            (audio,) = self._decoder.run(None, {"codes": np.ascontiguousarray(codes[None, :, index])})
            n_samples = (stop - start) * self.hop
            piece = audio[0, 0, lead : lead + n_samples]
            return np.pad(piece, (0, n_samples - len(piece)))  # only where nothing surrounds the sound

        pieces = self._pieces(n_frames, context, self.limits.decoded_frames)
        return np.concatenate(self._each(decoded, pieces)).astype(np.float32)

    def _each(self, run: Callable[[int, int, range], _Array], pieces: Iterator[tuple[int, int, range]]) -> list[_Array]:
        """What `run` makes of each piece, in order; several at once where that is allowed."""
        if self._at_once == 1 or self.limits.multiple == 1:
            return [run(*piece) for piece in pieces]
        with ThreadPoolExecutor(self._at_once, thread_name_prefix="vampbridge-codec") as pool:
            return list(pool.map(lambda piece: run(*piece), pieces))

    def warm_up(self) -> None:
        """Where pieces are padded, run every length once."""
        if not self.limits.pad:
            return
        n_codebooks = 0
        for n_frames in self._lengths(self.limits.encoded_frames, self.heard):
            audio = np.zeros(max(1, n_frames - 2 * self.heard) * self.hop, dtype=np.float32)
            n_codebooks = len(self.encode(audio, ring=True))
        context = max(self.context, self._trimmed)
        for n_frames in self._lengths(self.limits.decoded_frames, context):
            codes = np.zeros((n_codebooks, max(1, n_frames - 2 * context)), dtype=np.int64)
            self.decode(codes, ring=True)

    def step(self, most: int | None, context: int) -> int:
        """Frames of a piece of at most `most` without its surroundings, which should not be most of the work."""
        allowed = CODEC_CHUNK_FRAMES if most is None else max(context, most - 2 * context)
        return max(1, min(CODEC_CHUNK_FRAMES, allowed))

    def _lengths(self, most: int | None, context: int) -> tuple[int, ...]:
        return buckets(self.step(most, context) + 2 * context, CODEC_GROWTH)

    def _pieces(self, n_frames: int, context: int, most: int | None) -> Iterator[tuple[int, int, range]]:
        """Start and stop of each piece, and the frames to run it on: with surroundings, beyond either end too."""
        step = self.step(most, context)
        if self.limits.multiple > 1:
            n_pieces = -(-n_frames // (step * self.limits.multiple)) * self.limits.multiple
            step = max(1, -(-n_frames // max(1, n_pieces)))
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            length = stop - start + 2 * context
            if self.limits.pad:
                length = padded(length, self._lengths(most, context))
            yield start, stop, range(start - context, start - context + length)


def _operators(bundle: Bundle, name: str) -> frozenset[str]:
    try:
        return operators(bundle.graph(name))
    except BundleError as error:
        raise BundleError(f"bundle {bundle.manifest.name}: graph {name} cannot be loaded: {error}") from error
