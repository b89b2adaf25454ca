"""The device is what was asked for or an error says what is missing; auto takes CUDA only where it really works."""

import logging
import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from vampbridge.engine import devices, opening, runtime, sessions
from vampbridge.engine.devices import CUDA, DEVICES, PROVIDERS, missing_driver, providers_for
from vampbridge.engine.errors import BundleError, MissingDependencyError, SettingError
from vampbridge.engine.opening import open_on
from vampbridge.engine.process import EngineOptions
from vampbridge.engine.runtime import Runtime
from vampbridge.engine.vamp_effect import Vamp
from vampbridge.export.precision import with_precision

BOTH = frozenset({"coarse", "fine"})


class FakeSession:
    """Says where it runs; counted while it lives."""

    def __init__(self, providers, alive):
        self._providers = providers
        alive.add(self)

    def get_providers(self):
        return self._providers


class FakeGpu:
    """Stands for ONNX Runtime's sessions: records how they are opened, and says they run where it is told."""

    def __init__(self, monkeypatch, bundle, *, works=(CUDA,), broken=lambda graph, captured: None):
        self.opened = []
        self.alive = weakref.WeakSet()
        self.bundle = bundle

        def open_session(graph, *, what, threads=0, device="cpu", cuda_graphs=False):
            self.opened.append((what.split()[-1], device, cuda_graphs))
            broken(what.split()[-1], cuda_graphs)
            names = [PROVIDERS[device] if device in (*works, "cpu") else PROVIDERS["cpu"]]
            return FakeSession(names, self.alive)

        monkeypatch.setattr(opening, "cuda_obstacle", lambda: None)
        monkeypatch.setattr(opening, "load_cuda_libraries", lambda: "libcublasLt.so.12 is not there")
        monkeypatch.setattr(opening, "open_session", open_session)

    def open(self, device, make=lambda opened: None, bound=BOTH):
        return open_on(self.bundle, device, threads=1, make=make, bound=bound)[0]


@pytest.fixture
def no_driver(monkeypatch):
    monkeypatch.setattr(sessions, "missing_driver", lambda: "no NVIDIA driver was found")


@pytest.fixture
def without_branches(monkeypatch):
    monkeypatch.setattr(opening, "control_flow", lambda graph: ())


def test_without_a_driver_auto_takes_the_cpu_without_a_word(tiny_bundle, no_driver, caplog, capfd):
    loaded = Runtime(tiny_bundle, threads=1, device="auto")
    assert loaded.device.name == "cpu"
    assert "no NVIDIA driver" in loaded.device.notes[0]
    assert not [record for record in caplog.records if record.levelno > logging.INFO]
    assert capfd.readouterr() == ("", "")


def test_cuda_without_a_driver_is_one_error_that_says_what_was_found_and_what_to_install(tiny_bundle, no_driver):
    with pytest.raises(MissingDependencyError, match=r"no NVIDIA driver was found.*vampbridge\[cuda\].*--device cpu"):
        Runtime(tiny_bundle, threads=1, device="cuda")


def test_an_onnxruntime_without_cuda_is_told_from_a_missing_driver(monkeypatch):
    monkeypatch.setattr(sessions, "missing_driver", lambda: None)
    monkeypatch.setattr(sessions.onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert "installed without CUDA" in sessions.cuda_obstacle()
    monkeypatch.setattr(sessions.onnxruntime, "get_available_providers", lambda: list(PROVIDERS.values()))
    assert sessions.cuda_obstacle() is None


def test_cuda_that_is_listed_but_not_in_the_session_is_not_taken(monkeypatch, tiny_bundle, caplog):
    gpu = FakeGpu(monkeypatch, tiny_bundle, works=())
    opened = gpu.open("auto")
    assert opened.device.name == "cpu"
    assert "libcublasLt" in opened.device.notes[0]
    assert [device for _, device, _ in gpu.opened] == ["cuda"] * 4 + ["cpu"] * 4
    assert ["vampbridge[cuda]" in record.message for record in caplog.records] == [True]


def test_cuda_that_was_asked_for_and_does_not_work_is_one_error_and_no_warning(monkeypatch, tiny_bundle, caplog):
    with pytest.raises(MissingDependencyError, match="libcublasLt"):
        FakeGpu(monkeypatch, tiny_bundle, works=()).open("cuda")
    assert caplog.records == []


def test_cuda_that_loads_but_does_not_run_is_not_taken(monkeypatch, tiny_bundle, without_branches, caplog):
    gpu = FakeGpu(monkeypatch, tiny_bundle)

    def make(opened):
        if opened.device.name == CUDA:
            raise RuntimeError("no kernel image is available")
        return "made"

    opened, made = open_on(tiny_bundle, "auto", threads=1, make=make, bound=BOTH)
    assert (opened.device.name, made) == ("cpu", "made")
    assert "no kernel image" in opened.device.notes[0]
    # One warning, which does not send anybody after libraries that are not the trouble.
    assert [record.message for record in caplog.records] == ["CUDA is not used: no kernel image is available"]
    with pytest.raises(MissingDependencyError, match="no kernel image"):
        gpu.open("cuda", make)


def test_cuda_that_works_is_taken_and_says_so(monkeypatch, tiny_bundle, without_branches):
    gpu = FakeGpu(monkeypatch, tiny_bundle)
    for device in ("auto", "cuda"):
        opened = gpu.open(device)
        assert (opened.device.name, opened.device.notes) == ("cuda", ())
        assert opened.captured == {"coarse", "fine"}


def test_only_runs_at_fixed_places_are_captured(monkeypatch, tiny_bundle, without_branches):
    gpu = FakeGpu(monkeypatch, tiny_bundle)
    opened = gpu.open("cuda", bound=frozenset({"fine"}))
    assert opened.captured == {"fine"}
    assert {(name, captured) for name, _, captured in gpu.opened} == {
        ("encoder", False),
        ("coarse", False),
        ("fine", True),
        ("decoder", False),
    }
    (note,) = opened.device.notes
    assert note.startswith("CUDA graphs are off for the coarse model: ")


@pytest.mark.parametrize(("pad", "bound"), [(None, {"fine"}), (True, {"fine"}), (False, set())])
def test_the_graphs_that_are_captured_are_those_that_will_be_bound(monkeypatch, tiny_bundle, pad, bound):
    asked = []

    def watch(bundle, device, *, threads, make, bound):
        asked.append(bound)
        return open_on(bundle, "cpu", threads=threads, make=make, bound=bound)

    in_8_bits = with_precision(onnx.load_from_string(tiny_bundle.graph("coarse")), "int8").SerializeToString()
    bundle = replace(tiny_bundle, contents=tiny_bundle.contents | {"coarse.onnx": in_8_bits})
    monkeypatch.setattr(runtime, "open_on", watch)
    Runtime(bundle, threads=1, pad=pad)
    assert asked == [bound]


def test_what_was_opened_for_capturing_is_gone_before_more_is_opened(monkeypatch, tiny_bundle, without_branches):
    most = 0

    def make(opened):
        nonlocal most
        most = max(most, len(gpu.alive))
        if opened.captured:
            raise RuntimeError("capture failed")

    gpu = FakeGpu(monkeypatch, tiny_bundle)
    gpu.open("cuda", make)
    assert len(gpu.opened) == 8
    assert most == 4


def test_cuda_graphs_are_off_with_a_reason_where_the_host_decides(monkeypatch, tiny_bundle):
    gpu = FakeGpu(monkeypatch, tiny_bundle)
    opened = gpu.open("cuda")
    assert opened.captured == frozenset()
    assert [note for note in opened.device.notes if "holds If" in note] == list(opened.device.notes)
    assert len(opened.device.notes) == 2
    assert not any(captured for _, _, captured in gpu.opened)


def test_cuda_graphs_that_cannot_be_captured_are_given_up_and_cuda_is_kept(monkeypatch, tiny_bundle, without_branches):
    def refuse(_name, captured):
        if captured:
            raise BundleError("This session cannot use the graph capture feature")

    opened = FakeGpu(monkeypatch, tiny_bundle, broken=refuse).open("cuda")
    assert opened.device.name == "cuda"
    assert opened.captured == frozenset()
    assert "graph capture" in opened.device.notes[0]


def in_precision(bundle, **precisions):
    contents = {
        f"{name}.onnx": with_precision(onnx.load_from_string(bundle.graph(name)), precision).SerializeToString()
        for name, precision in precisions.items()
    }
    return replace(bundle, contents=bundle.contents | contents)


def test_graphs_for_the_gpu_are_captured(monkeypatch, tiny_bundle):
    opened = FakeGpu(monkeypatch, in_precision(tiny_bundle, coarse="gpu", fine="gpu")).open("cuda")
    assert (opened.captured, opened.device.notes) == ({"coarse", "fine"}, ())


def test_a_bundle_in_8_bits_stays_on_the_cpu_unless_asked_otherwise(monkeypatch, tiny_bundle, caplog):
    gpu = FakeGpu(monkeypatch, in_precision(tiny_bundle, coarse="int8", fine="int8"))
    opened = gpu.open("auto")
    assert opened.device.name == "cpu"
    assert {device for _, device, _ in gpu.opened} == {"cpu"}
    (note,) = opened.device.notes
    assert "no kernel for DynamicQuantizeLinear and MatMulIntegerToFloat; export it with --token-precision gpu" in note
    # The bundle that comes with the package is one: nothing is wrong, and nobody needs to be warned.
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def test_what_cuda_has_no_kernels_for_is_left_on_the_cpu_and_named(monkeypatch, tiny_bundle, caplog):
    gpu = FakeGpu(monkeypatch, in_precision(tiny_bundle, coarse="gpu", fine="int8"))
    for device in ("auto", "cuda"):
        gpu.opened.clear()
        opened = gpu.open(device, bound=frozenset({"coarse"}))
        assert {(name, device) for name, device, _ in gpu.opened} == {
            ("encoder", "cuda"),
            ("decoder", "cuda"),
            ("coarse", "cuda"),
            ("fine", "cpu"),
        }
        assert (opened.device.name, opened.captured) == ("cuda", {"coarse"})
        (note,) = opened.device.notes
        assert note.startswith("the fine graph runs on the CPU: CUDA has no kernel for its DynamicQuantizeLinear and")
        # Who insists on CUDA is told.
        warned = [record.message for record in caplog.records if record.levelno > logging.INFO]
        assert warned == ([] if device == "auto" else ["not on CUDA, which has no kernels for them: fine"])


def test_cpu_never_looks_for_a_gpu(monkeypatch, tiny_bundle):
    monkeypatch.setattr(opening, "cuda_obstacle", lambda: pytest.fail("looked"))
    assert Runtime(tiny_bundle, threads=1, device="cpu").device == devices.DeviceInUse("cpu")


@pytest.mark.parametrize("make", [lambda name: EngineOptions(device=name), lambda name: Vamp(device=name)])
def test_an_unknown_device_is_refused_at_once(make):
    with pytest.raises(SettingError, match="device must be one of auto, cpu, cuda, got 'gpu'"):
        make("gpu")
    for name in DEVICES:
        make(name)


def test_the_cpu_stands_behind_cuda_and_alone_for_itself():
    assert [name for name, _ in providers_for("cpu")] == ["CPUExecutionProvider"]
    (name, options), (behind, _) = providers_for("cuda", cuda_graphs=True)
    assert (name, behind) == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert options["enable_cuda_graph"] == "1"
    assert providers_for("cuda")[0][1]["enable_cuda_graph"] == "0"
    assert options["cudnn_conv_algo_search"] == "EXHAUSTIVE"


@pytest.mark.parametrize(
    ("status", "count", "words"),
    [(100, 0, "does not start"), (0, 0, "no device"), (0, 2, None)],
)
def test_a_driver_is_asked_for_its_devices(monkeypatch, status, count, words):
    def count_devices(pointer):
        pointer._obj.value = count
        return 0

    driver = SimpleNamespace(cuInit=lambda flags: status, cuDeviceGetCount=count_devices)
    monkeypatch.setattr(devices.ctypes, "CDLL", lambda name: driver)
    assert missing_driver() is None if words is None else words in missing_driver()


def test_a_missing_driver_library_is_named(monkeypatch):
    def refuse(name):
        raise OSError(name)

    monkeypatch.setattr(devices.ctypes, "CDLL", refuse)
    assert "cannot be loaded" in missing_driver()


@pytest.mark.gpu
def test_the_gpu_draws_what_the_cpu_draws(tiny_bundle):
    here, there = (Runtime(tiny_bundle, threads=1, device=device) for device in ("cpu", "cuda"))
    there.warm_up()
    rows, uniforms = np.arange(40), np.random.default_rng(0).random(40, dtype=np.float32)
    codes = np.full((2, 20), 64)
    settings = runtime.VampSettings(temperature=0, typical=False)
    results = [side.coarse.sample(codes, rows, uniforms, settings=settings, ring=True) for side in (here, there)]
    assert (results[0][0] == results[1][0]).all()
    np.testing.assert_allclose(results[0][1], results[1][1], atol=1e-4)  # other kernels, other order of sums
