"""What each precision of a graph promises, on small models with random weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from vampbridge.engine.errors import SettingError
from vampbridge.engine.nets.waveform_codec import Snake, WaveformCodec, WaveformCodecConfig
from vampbridge.engine.runtime import TRIMMED_FRAMES
from vampbridge.export.decoder_tiles import TILE_FRAMES
from vampbridge.export.graphs import decoder_graph
from vampbridge.export.int8_convolutions import LEAST_CHANNELS
from vampbridge.export.polynomial_snakes import LARGEST_ERROR, with_polynomial_snakes
from vampbridge.export.precision import with_precision

SIZES: dict[str, Any] = {"encoder_dim": 4, "n_codebooks": 2, "codebook_size": 32}
LEAST_SNR_DB = 22.0  # 8 bits in six layers one after the other; an exchanged tap or a wrong offset leaves below 10 dB


def _codec(family: Any, rates: tuple[int, ...], decoder_dim: int = 64) -> WaveformCodec:
    torch.manual_seed(0)
    sizes = {**SIZES, "decoder_dim": decoder_dim}
    config = WaveformCodecConfig(family=family, encoder_rates=rates[::-1], decoder_rates=rates, **sizes)
    codec = WaveformCodec(config).eval()
    for module in codec.modules():
        if isinstance(module, Snake):
            module.alpha.data.uniform_(0.3, 3.0)
    return codec


@pytest.fixture(scope="module", params=[("lac", (4, 2, 2)), ("dac", (2, 4, 2))], ids=["lac", "dac"])
def codec(request: pytest.FixtureRequest) -> WaveformCodec:
    return _codec(*request.param)


@pytest.fixture(scope="module")
def mixed_graph(codec: WaveformCodec) -> onnx.ModelProto:
    return with_precision(decoder_graph(codec), "mixed")


@pytest.fixture(scope="module")
def mixed(mixed_graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return _session(mixed_graph)


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def _codes(n_frames: int) -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, SIZES["codebook_size"], (1, SIZES["n_codebooks"], n_frames))


def _trimmed(session: onnxruntime.InferenceSession) -> int:
    return int(session.get_modelmeta().custom_metadata_map[TRIMMED_FRAMES])


def _decode(session: onnxruntime.InferenceSession, codes: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.asarray(session.run(None, {"codes": codes})[0][0, 0])


@torch.inference_mode()
def _reference(codec: WaveformCodec, codes: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.asarray(codec.decode(torch.from_numpy(codes))[0, 0].numpy())


def _snr_db(wanted: NDArray[np.float32], got: NDArray[np.float32]) -> float:
    """Without the mean: random biases give every sample a large one, which would hide the rest."""
    return float(10 * np.log10(wanted.var() / (wanted - got).var()))


@pytest.mark.parametrize("n_extra", [1, TILE_FRAMES - 1, TILE_FRAMES, TILE_FRAMES + 1, 3 * TILE_FRAMES + 5])
def test_mixed_decoder_gives_the_frames_between_its_surroundings(
    codec: WaveformCodec, mixed: onnxruntime.InferenceSession, n_extra: int
) -> None:
    trimmed, hop = _trimmed(mixed), codec.config.hop
    codes = _codes(2 * trimmed + n_extra)
    wanted = _reference(codec, codes)[trimmed * hop : -trimmed * hop]
    got = _decode(mixed, codes)
    assert got.shape == wanted.shape == (n_extra * hop,)
    assert _snr_db(wanted, got) > LEAST_SNR_DB


def test_mixed_decoder_hears_nothing_beyond_its_surroundings(
    codec: WaveformCodec, mixed: onnxruntime.InferenceSession
) -> None:
    trimmed, hop = _trimmed(mixed), codec.config.hop
    inner = _codes(2 * trimmed + 4)
    outer = np.concatenate((_codes(3), inner, _codes(3)), axis=2)
    wanted = _reference(codec, inner)[trimmed * hop : -trimmed * hop]
    around = _reference(codec, outer)[(trimmed + 3) * hop : -(trimmed + 3) * hop]
    # Its own surroundings suffice for the exact result; 1e-5 is what float32 leaves of sums in another order.
    np.testing.assert_allclose(wanted, around, atol=1e-5)
    assert _snr_db(around, _decode(mixed, inner)) > LEAST_SNR_DB


def test_mixed_decoder_multiplies_in_eight_bits(codec: WaveformCodec, mixed_graph: onnx.ModelProto) -> None:
    graph = mixed_graph.graph
    loop = next(node for node in graph.node if node.op_type == "Loop").attribute[0].g
    products = [node for part in (graph, loop) for node in part.node if node.op_type == "MatMulIntegerToFloat"]
    stacks = 18 if codec.config.family == "lac" else 6  # convolutions that refine each rate
    assert len(products) == len(codec.config.decoder_rates) * (1 + stacks)
    assert [node.op_type for node in loop.node if node.op_type in {"Conv", "ConvTranspose"}] == ["Conv"]


def test_mixed_decoder_computes_nothing_that_no_later_layer_hears(
    codec: WaveformCodec, mixed_graph: onnx.ModelProto
) -> None:
    graph = mixed_graph.graph
    loop = next(node for node in graph.node if node.op_type == "Loop").attribute[0].g
    edges = [node for part in (graph, loop) for node in part.node if node.op_type == "Expand"]
    assert len(edges) == len(codec.config.decoder_rates)  # where a transposed convolution starts; no other is padded


def test_mixed_decoder_takes_no_sines_in_its_loop(mixed_graph: onnx.ModelProto) -> None:
    loop = next(node for node in mixed_graph.graph.node if node.op_type == "Loop").attribute[0].g
    assert "Sin" not in {node.op_type for node in loop.node}


@settings(max_examples=30, deadline=None)
@given(alpha=st.floats(0.01, 30), spread=st.floats(0.01, 100), seed=st.integers(0, 9))
def test_polynomial_snakes_are_near_snakes(alpha: float, spread: float, seed: int) -> None:
    x = np.random.default_rng(seed).uniform(-spread, spread, (1, 1, 500)).astype(np.float32)
    got = _session(_snake(alpha)).run(None, {"x": x})[0]
    wanted = np.sin(np.float64(np.float32(alpha)) * x) ** 2 / np.float32(alpha)
    # A phase of up to 3000 in float32 is off by 2e-4.
    assert np.abs(got - wanted).max() * alpha < LARGEST_ERROR + 1e-6 + 3e-7 * alpha * spread


def test_a_sine_that_something_else_reads_stays() -> None:
    nodes, constants, inside = _snake_nodes(1.0)
    nodes.append(helper.make_node("Neg", ["sine"], ["z"]))
    written = with_polynomial_snakes(nodes, constants, inside)
    assert [node.op_type for node in written] == ["Mul", "Sin", "Pow", "Mul", "Neg"]


def test_a_sine_outside_the_layers_of_8_bits_stays() -> None:
    nodes, constants, inside = _snake_nodes(1.0)
    written = with_polynomial_snakes(nodes, constants, inside - {"y"})
    assert [node.op_type for node in written] == ["Mul", "Sin", "Pow", "Mul"]


def test_mixed_decoder_with_odd_rates_is_not_trimmed() -> None:
    codec = _codec("lac", (3, 2))
    session = _session(with_precision(decoder_graph(codec), "mixed"))
    wanted, got = _reference(codec, _codes(12)), _decode(session, _codes(12))
    assert TRIMMED_FRAMES not in session.get_modelmeta().custom_metadata_map
    assert got.shape == wanted.shape
    assert _snr_db(wanted, got) > LEAST_SNR_DB


def test_mixed_decoder_keeps_narrow_layers_in_float32() -> None:
    codec = _codec("dac", (2, 2, 2), decoder_dim=2 * LEAST_CHANNELS)
    session = _session(with_precision(decoder_graph(codec), "mixed"))
    trimmed, hop = _trimmed(session), codec.config.hop
    codes = _codes(2 * trimmed + TILE_FRAMES + 3)
    wanted, got = _reference(codec, codes)[trimmed * hop : -trimmed * hop], _decode(session, codes)
    assert got.shape == wanted.shape
    assert _snr_db(wanted, got) > LEAST_SNR_DB


def test_mixed_leaves_a_graph_without_upsampling_as_it_is() -> None:
    weight = numpy_helper.from_array(np.ones((16, 16, 3), np.float32), "weight")
    convolution = helper.make_node("Conv", ["x", "weight"], ["y"], pads=[1, 1])
    encoder = _graph([convolution], {"x": [1, 16, None]}, {"y": [1, 16, None]}, [weight])
    before = encoder.SerializeToString()
    assert with_precision(encoder, "mixed").SerializeToString() == before


def test_int8_products_are_near_those_of_float32() -> None:
    wanted, got = (_session(model).run(None, {"x": _activation()}) for model in (_products(), _int8_products()))
    for one, other in zip(wanted, got, strict=True):
        # 127 steps for weights, 255 for activations spread over about 7 standard deviations: errors of about 2 %.
        np.testing.assert_allclose(other, one, atol=0.1 * one.std())


def test_int8_quantises_an_activation_once_for_all_its_products() -> None:
    model = _int8_products()
    kinds = [node.op_type for node in model.graph.node]
    assert kinds == ["DynamicQuantizeLinear", "MatMulIntegerToFloat", "MatMulIntegerToFloat"]
    assert all(tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2 for tensor in model.graph.initializer)


def test_int8_splits_weights_where_their_product_would_be_split() -> None:
    def split_product() -> onnx.ModelProto:
        weight = np.random.default_rng(0).standard_normal((64, 48)).astype(np.float32)
        nodes = [
            helper.make_node("MatMul", ["x", "weight"], ["both"]),
            helper.make_node("Split", ["both"], ["y_0", "y_1"], axis=2, num_outputs=2),
        ]
        ends = {"x": [1, None, 64]}, {"y_0": [1, None, 24], "y_1": [1, None, 24]}
        return _graph(nodes, *ends, [numpy_helper.from_array(weight, "weight")])

    model = with_precision(split_product(), "int8")
    kinds = [node.op_type for node in model.graph.node]
    assert kinds == ["DynamicQuantizeLinear", "MatMulIntegerToFloat", "MatMulIntegerToFloat"]
    assert "weight" not in {tensor.name for tensor in model.graph.initializer}
    for one, other in zip(
        *(_session(m).run(None, {"x": _activation()}) for m in (split_product(), model)), strict=True
    ):
        np.testing.assert_allclose(other, one, atol=0.1 * one.std())


@pytest.mark.parametrize("split", [{"axis": 1, "num_outputs": 2}, {"axis": 2, "num_outputs": 5}])
def test_int8_leaves_other_splits_as_they_are(split: dict[str, int]) -> None:
    weight = numpy_helper.from_array(np.ones((64, 48), np.float32), "weight")
    parts = [f"y_{index}" for index in range(split["num_outputs"])]
    nodes = [helper.make_node("MatMul", ["x", "weight"], ["both"]), helper.make_node("Split", ["both"], parts, **split)]
    model = _graph(nodes, {"x": [1, 10, 64]}, {part: [1, None, None] for part in parts}, [weight])
    assert [node.op_type for node in with_precision(model, "int8").graph.node][-1] == "Split"


@pytest.mark.parametrize("read_twice", [False, True])
def test_int8_divides_by_roots_and_changes_no_number(read_twice: bool) -> None:
    def normalised() -> onnx.ModelProto:
        nodes = [
            helper.make_node("Mul", ["x", "x"], ["square"]),
            helper.make_node("ReduceMean", ["square", "last"], ["mean"]),
            helper.make_node("Sqrt", ["mean"], ["root"]),
            helper.make_node("Reciprocal", ["root"], ["inverse"]),
            helper.make_node("Mul", ["x", "inverse"], ["y"]),
        ]
        outputs: dict[str, list[int | None]] = {"y": [1, None, 64]}
        if read_twice:
            nodes.append(helper.make_node("Neg", ["inverse"], ["z"]))
            outputs["z"] = [1, None, 1]
        return _graph(nodes, {"x": [1, None, 64]}, outputs, [numpy_helper.from_array(np.array([-1]), "last")])

    model = with_precision(normalised(), "int8")
    assert ("Div" in {node.op_type for node in model.graph.node}) != read_twice
    for one, other in zip(*(_session(m).run(None, {"x": _activation()}) for m in (normalised(), model)), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-6)


def test_an_unknown_precision_is_refused_with_what_there_is() -> None:
    with pytest.raises(SettingError, match="fp32, fp16, gpu, int8, mixed, got 'int4'"):
        with_precision(onnx.ModelProto(), "int4")


def _snake_nodes(alpha: float) -> tuple[list[onnx.NodeProto], dict[str, NDArray[Any]], set[str]]:
    """sin²(αx) / α as `y`, its constants, and its tensors."""
    constants = {"alpha": np.float32(alpha).reshape(1, 1, 1), "two": np.array(2, np.float32)}
    constants["inverse"] = 1 / constants["alpha"]
    nodes = [
        helper.make_node("Mul", ["alpha", "x"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["sine"]),
        helper.make_node("Pow", ["sine", "two"], ["square"]),
        helper.make_node("Mul", ["inverse", "square"], ["y"]),
    ]
    return nodes, constants, {name for node in nodes for name in node.output}


def _snake(alpha: float) -> onnx.ModelProto:
    nodes, constants, inside = _snake_nodes(alpha)
    written = with_polynomial_snakes(nodes, constants, inside)
    assert "Sin" not in {node.op_type for node in written}
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    return _graph(written, {"x": [1, 1, None]}, {"y": [1, 1, None]}, tensors)


def _int8_products() -> onnx.ModelProto:
    return with_precision(_products(), "int8")


def _products() -> onnx.ModelProto:
    """Two products of the same activation, one with an empty column."""
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((64, 48)).astype(np.float32) for _ in range(2)]
    weights[1][:, 3] = 0
    tensors = [numpy_helper.from_array(weight, f"weight_{index}") for index, weight in enumerate(weights)]
    nodes = [helper.make_node("MatMul", ["x", f"weight_{index}"], [f"y_{index}"]) for index in range(2)]
    return _graph(nodes, {"x": [1, None, 64]}, {"y_0": [1, None, 48], "y_1": [1, None, 48]}, tensors)


def _activation() -> NDArray[np.float32]:
    return np.random.default_rng(1).standard_normal((1, 10, 64)).astype(np.float32)


def _graph(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, list[int | None]],
    outputs: dict[str, list[int | None]],
    constants: list[TensorProto],
) -> onnx.ModelProto:
    ends = [
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in end.items()] for end in (inputs, outputs)
    ]
    graph = helper.make_graph(nodes, "test", *ends, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
