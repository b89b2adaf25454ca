"""Token graphs for a GPU: nothing in them that CUDA graphs cannot hold, and the same tokens, padded or not."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from tiny_bundle import make_tiny_bundle, tiny_models, trace_no_more
from vampbridge.engine.graph_facts import control_flow, left_to_host
from vampbridge.engine.runtime import Runtime
from vampbridge.engine.sessions import open_session
from vampbridge.engine.settings import VampSettings
from vampbridge.engine.take import VampRequest
from vampbridge.engine.token_runtime import BoundTokenRuntime
from vampbridge.engine.vamper import Vamper
from vampbridge.export.checks import check_tokens
from vampbridge.export.gpu_tokens import ATTENTION, for_gpu, without_branches
from vampbridge.export.precision import with_precision

PARTS = ("coarse", "fine")

# What ONNX Runtime lists for its CUDA provider (docs/OperatorKernels.md there) at our opset and in the types that we
# use: float32, int64 and bool, and float16 for what is halved.
MOVES = {
    "Cast",
    "Expand",
    "Gather",
    "GatherElements",
    "Identity",
    "Reshape",
    "Slice",
    "Split",
    "Transpose",
    "Unsqueeze",
}
COMPUTES = {"Abs", "Add", "Clip", "CumSum", "Div", "Exp", "Gelu", "LogSoftmax", "MatMul", "Max", "Min", "Mul", "Neg"}
COMPUTES |= {"Pow", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Sqrt", "Sub", "ArgMax", "TopK"}
DECIDES = {"And", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Where"}
SIZES = {"Shape"}  # on the host, before anything is captured, and without a copy from the device
ON_CUDA = MOVES | COMPUTES | DECIDES | SIZES | {ATTENTION}

# What the kernels read on the host: a value from the device would be copied there, which cannot be captured.
READ_ON_HOST = {"Clip": (1, 2), "CumSum": (1,), "Expand": (1,), "Reshape": (1,), "Slice": (1, 2, 3, 4), "Split": (1,)}
READ_ON_HOST |= dict.fromkeys(("ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "TopK", "Unsqueeze"), (1,))


def gpu_graph(bundle, part):
    return with_precision(onnx.load_from_string(bundle.graph(part)), "gpu").SerializeToString()


@pytest.fixture(scope="module")
def gpu_bundle(tiny_bundle):
    graphs = {f"{part}.onnx": gpu_graph(tiny_bundle, part) for part in PARTS}
    return replace(tiny_bundle, contents=tiny_bundle.contents | graphs)


@pytest.fixture(scope="module")
def branchless_bundle(tiny_bundle):
    graphs = {}
    for part in PARTS:
        model = onnx.load_from_string(tiny_bundle.graph(part))
        without_branches(model)
        graphs[f"{part}.onnx"] = model.SerializeToString()
    return replace(tiny_bundle, contents=tiny_bundle.contents | graphs)


@pytest.fixture(scope="module")
def sides(tiny_bundle, branchless_bundle):
    return [Runtime(bundle, threads=1, device="cpu").coarse for bundle in (tiny_bundle, branchless_bundle)]


@given(
    seed=st.integers(0, 10_000),
    n_frames=st.sampled_from([1, 7, 30]),
    temperature=st.sampled_from([0.0, 1e-6, 0.5, 1.0, 3.0]),
    typical=st.booleans(),
    mass=st.sampled_from([0.05, 0.15, 0.9, 1.0]),
    min_tokens=st.sampled_from([1, 8, 64]),
    top_p=st.sampled_from([1.0, 0.3, 0.95]),
)
@settings(max_examples=60, deadline=None)
def test_a_draw_without_branches_is_the_same_draw(sides, seed, n_frames, temperature, typical, mass, min_tokens, top_p):
    chosen = VampSettings(
        temperature=temperature, typical=typical, typical_mass=mass, typical_min_tokens=min_tokens, top_p=top_p
    )
    rng = np.random.default_rng(seed)
    codes, rows = rng.integers(0, 65, (2, n_frames)), np.arange(2 * n_frames)
    uniforms = rng.random(len(rows), dtype=np.float32)
    (tokens, log_probs), (ours, our_log_probs) = (
        side.sample(codes, rows, uniforms, settings=chosen, ring=True) for side in sides
    )
    assert (ours == tokens).all()
    assert (our_log_probs == log_probs).all()  # bit for bit: the same operators on the same numbers


def test_a_whole_vamp_is_the_same_without_branches(tiny_bundle, branchless_bundle):
    audio = np.random.default_rng(0).standard_normal((1, 20_000)).astype(np.float32) * 0.1
    for change in ({"typical": False}, {"top_p": 0.8, "mask_temperature": 0.0}):
        request = VampRequest(audio, 44_100, VampSettings(seed=3, coarse_passes=2).changed(**change))
        takes = [
            Vamper(bundle, threads=1, device="cpu").vamp(request).audio for bundle in (tiny_bundle, branchless_bundle)
        ]
        assert (takes[0] == takes[1]).all()


@pytest.mark.parametrize("part", PARTS)
def test_every_operator_of_a_graph_for_the_gpu_has_a_cuda_kernel(gpu_bundle, part):
    graph = gpu_bundle.graph(part)
    assert control_flow(graph) == left_to_host(graph) == ()
    nodes = onnx.load_from_string(graph).graph.node
    assert {node.op_type for node in nodes} <= ON_CUDA
    assert {node.domain for node in nodes if node.op_type != ATTENTION} == {""}


@pytest.mark.parametrize("part", PARTS)
def test_the_host_is_told_nothing_by_the_device(gpu_bundle, part):
    graph = onnx.load_from_string(gpu_bundle.graph(part)).graph
    known = {tensor.name for tensor in graph.initializer} | {""}
    known |= {name for node in graph.node if node.op_type in SIZES for name in node.output}
    for node in graph.node:
        told = [node.input[place] for place in READ_ON_HOST.get(node.op_type, ()) if place < len(node.input)]
        assert set(told) <= known, (node.op_type, told)


@pytest.mark.parametrize("part", PARTS)
def test_all_large_products_but_the_last_are_in_half_precision(gpu_bundle, part):
    graph = onnx.load_from_string(gpu_bundle.graph(part)).graph
    kinds = {tensor.name: tensor.data_type for tensor in graph.initializer}
    products = [kinds[node.input[1]] for node in graph.node if node.op_type == "MatMul"]
    assert products == [TensorProto.FLOAT16] * (len(products) - 1) + [TensorProto.FLOAT]
    assert len([node for node in graph.node if node.op_type == ATTENTION]) == 2  # layers
    assert not [node for node in graph.node if node.op_type == "Softmax"]
    # Norms and GELU read what was cast back.
    assert not [node for node in graph.node if node.op_type in {"Gelu", "Pow"} and node.input[0].endswith("_half")]
    assert [node for node in graph.node if node.op_type == "Cast" and node.input[0].endswith("_half")]


@pytest.mark.parametrize("part", PARTS)
def test_half_precision_agrees_with_torch_within_its_tolerance(gpu_bundle, part):
    codes = np.random.default_rng(0).integers(0, 64, (6, 40))
    checks = check_tokens(getattr(tiny_models(), part), gpu_bundle.graph(part), codes, "gpu")
    assert float(checks["largest_logit_error"]) > 0


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("n_frames", [1, 7, 33, 64, 575])
def test_padding_to_multiples_of_8_changes_no_token(gpu_bundle, part, n_frames):
    model = getattr(Runtime(gpu_bundle, threads=1, device="cpu", pad=False), part)
    bound = BoundTokenRuntime(model._session, model._bias_weights, model.shape, cuda_graphs=True)
    rng, shape = np.random.default_rng(n_frames), model.shape
    codes = rng.integers(0, shape.vocabulary + 1, (shape.n_codebooks, n_frames))
    rows = np.sort(rng.choice(n_frames * shape.n_predicted, max(1, n_frames), replace=False))
    uniforms = rng.random(len(rows), dtype=np.float32)
    chosen = VampSettings(temperature=0.9, typical=True, top_p=0.9)
    for ring in (True, False):
        tokens, log_probs = model.sample(codes, rows, uniforms, settings=chosen, ring=ring)
        ours, our_log_probs = bound.sample(codes, rows, uniforms, settings=chosen, ring=ring)
        assert (ours == tokens).all()
        np.testing.assert_allclose(our_log_probs, log_probs, atol=1e-3)  # half precision keeps 11 bits


def test_every_length_within_the_context_is_captured_under_a_number_of_its_own(gpu_bundle, monkeypatch):
    given_ids = []

    class Watched(BoundTokenRuntime):
        def _graph_id(self, bucket):
            given_ids.append((bucket, super()._graph_id(bucket)))
            return given_ids[-1][1]

    plain = Runtime(gpu_bundle, threads=1, device="cpu", pad=False).fine
    bound = Watched(plain._session, plain._bias_weights, plain.shape, cuda_graphs=True)
    bound.warm_up()
    n_warm = len(given_ids)
    for n_frames in (5, 64, 100, 200):  # the context is 64
        bound.sample(
            np.full((6, n_frames), 64), np.arange(4), np.zeros(4, np.float32), settings=VampSettings(), ring=True
        )
    captured = [graph_id for _, graph_id in given_ids[:n_warm]]
    assert len(set(captured)) == n_warm > 10
    assert min(captured) > 0
    assert given_ids[n_warm:] == [(104, -1), (200, -1)]


def test_a_bundle_for_the_gpu_is_exported_checked_and_run(tiny_bundle, monkeypatch, tmp_path):
    trace_no_more(monkeypatch, tiny_bundle)
    bundle = make_tiny_bundle(tmp_path / "gpu", token_precision="gpu")
    assert [bundle.manifest.precision[part] for part in PARTS] == ["gpu", "gpu"]
    assert control_flow(bundle.graph("fine")) == ()
    audio = np.random.default_rng(0).standard_normal((1, 30_000)).astype(np.float32) * 0.1
    take = Vamper(bundle, threads=1, device="cpu").vamp(VampRequest(audio, 44_100, VampSettings(coarse_passes=2)))
    assert np.isfinite(take.audio).all()


# What is not as the exporter writes it is refused, not half rewritten.


def test_branches_that_share_a_name_are_refused(tiny_bundle):
    model = onnx.load_from_string(tiny_bundle.graph("coarse"))
    branch = next(node for node in model.graph.node if node.op_type == "If").attribute[0].g
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(1, np.float32), branch.node[0].output[0]))
    with pytest.raises(ValueError, match="stands elsewhere too"):
        for_gpu(model)


def test_another_attention_is_refused(tiny_bundle):
    model = onnx.load_from_string(tiny_bundle.graph("coarse"))
    softmax = next(node for node in model.graph.node if node.op_type == "Softmax")
    product = next(node for node in model.graph.node if softmax.output[0] in node.input)
    product.op_type = "Mul"
    with pytest.raises(ValueError, match="goes on with Mul, expected MatMul"):
        for_gpu(model)


def test_a_graph_without_attention_only_has_its_products_halved():
    weights = [numpy_helper.from_array(np.full((8, 8), 1 / 3, np.float32), name) for name in ("a", "b")]
    nodes = [helper.make_node("MatMul", ["x", "a"], ["y"]), helper.make_node("MatMul", ["y", "b"], ["z"])]
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 8])] for name in ("x", "z")]
    model = helper.make_model(
        helper.make_graph(nodes, "two", *ends, weights), opset_imports=[helper.make_opsetid("", 20)], ir_version=10
    )
    small = for_gpu(model)
    assert [node.op_type for node in small.graph.node] == ["Cast", "MatMul", "Cast", "MatMul"]
    (got,) = open_session(small.SerializeToString(), what="two").run(None, {"x": np.ones((2, 8), np.float32)})
    np.testing.assert_allclose(got, np.full((2, 8), 64 / 9), rtol=2**-10)  # two roundings to 11 bits
