"""Pieces of a codec side by side in threads, and surroundings of the length that each graph needs."""

import threading
from dataclasses import replace

import numpy as np
import onnx
import pytest
from codec_helpers import Shortened, TorchSession, Watched, exported, in_precision, noise, torch_codec, waveform_codec
from vampbridge.engine.codec_threads import graph_threads, pieces_at_once
from vampbridge.engine.errors import BundleError
from vampbridge.engine.runtime import CodecLimits, CodecRuntime
from vampbridge.engine.sessions import open_session
from vampbridge.export.receptive_field import with_heard_frames


@pytest.mark.parametrize("n_frames", [1, 2, 3, 70, 151])
@pytest.mark.parametrize("ring", [True, False])
def test_the_number_of_threads_changes_no_bit_of_the_codec(ring, n_frames):
    encoder, decoder = exported()
    sessions = [open_session(graph, what="codec", threads=1) for graph in (encoder, in_precision(decoder, "mixed"))]
    sizes = {"hop": waveform_codec().config.hop, "context": 11, "limits": CodecLimits(70, 70, multiple=2)}
    one, two = (CodecRuntime(*sessions, **sizes, at_once=at_once) for at_once in (1, 2))
    audio = noise(n_frames * one.hop)
    codes = one.encode(audio, ring=ring)
    assert (two.encode(audio, ring=ring) == codes).all()
    assert (two.decode(codes, ring=ring) == one.decode(codes, ring=ring)).all()


@pytest.mark.parametrize("n_frames", [2, 3, 70, 151, 500])
def test_pieces_side_by_side_are_even_in_number_and_of_about_one_length(n_frames):
    codec = torch_codec(limits=CodecLimits(decoded_frames=100, multiple=2))
    lengths = [stop - start for start, stop, _ in codec._pieces(n_frames, codec.context, 100)]
    assert sum(lengths) == n_frames
    assert len(lengths) % 2 == 0
    assert max(lengths) <= 100 - 2 * codec.context
    # Rounded up, all but the last: which makes up for all of them.
    assert max(lengths) - min(lengths) < len(lengths)


def test_two_pieces_really_run_at_once():
    codec = torch_codec(limits=CodecLimits(multiple=2))
    codec._at_once = 2
    codec._decoder = Meeting(codec._decoder)
    codec.decode(np.zeros((3, 40), np.int64), ring=True)


class Meeting:
    """A session whose runs wait for each other, two and two."""

    def __init__(self, session):
        self._session, self._barrier = session, threading.Barrier(2, timeout=20)

    def run(self, outputs, inputs):
        self._barrier.wait()
        return self._session.run(outputs, inputs)


def test_an_error_in_a_piece_reaches_the_caller():
    codec = torch_codec(limits=CodecLimits(multiple=2))
    codec._at_once = 2
    codec._encoder = Shortened(codec._encoder, codec.heard + 1)
    with pytest.raises(BundleError, match="codec_context"):
        codec.encode(noise(30 * codec.hop), ring=True)


def test_codecs_of_snakes_get_half_of_the_threads_for_each_piece(tiny_bundle):
    encoder, decoder = exported()
    snakes = replace(tiny_bundle, contents=tiny_bundle.contents | {"encoder.onnx": encoder, "decoder.onnx": decoder})
    assert [graph_threads(snakes, name, "cpu", 8) for name in ("encoder", "decoder", "coarse")] == [4, 4, 8]
    assert [graph_threads(snakes, name, "cuda", 8) for name in ("encoder", "decoder", "coarse")] == [8, 8, 8]
    assert [graph_threads(tiny_bundle, name, "cpu", 8) for name in ("encoder", "decoder", "coarse")] == [8, 8, 8]
    assert graph_threads(snakes, "encoder", "cpu", 1) == 1
    assert graph_threads(snakes, "encoder", "cpu", 0) >= 1
    assert [pieces_at_once(threads) for threads in (1, 2, 8)] == [1, 2, 2]
    assert CodecLimits.of(snakes, "cpu", pad=False).multiple == 2
    assert (
        CodecLimits.of(snakes, "cpu", pad=True).multiple == CodecLimits.of(tiny_bundle, "cpu", pad=False).multiple == 1
    )


@pytest.mark.parametrize("ring", [True, False])
def test_an_encoder_that_says_what_it_hears_gets_no_more(ring):
    codec = waveform_codec()
    encoder = with_heard_frames(onnx.load_from_string(exported()[0]), codec).SerializeToString()
    seen, n_frames = [], 40
    said = open_session(encoder, what="codec", threads=1)
    plain = torch_codec()
    ours = CodecRuntime(said, TorchSession(codec.decode), hop=plain.hop, context=plain.context)
    assert ours.heard < plain.context
    ours._encoder = Watched(said, seen)
    audio = noise(n_frames * plain.hop)
    assert (ours.encode(audio, ring=ring) == plain.encode(audio, ring=ring)).mean() > 0.995
    assert [shape for _, shape in seen] == [(1, 1, (n_frames + 2 * ours.heard) * plain.hop)]
