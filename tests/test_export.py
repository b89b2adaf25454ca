"""An export knows which file is which, leaves nothing half-written, and refuses what it cannot vouch for."""

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tiny_bundle import TINY_CODEC, tiny_models, trace_no_more
from vampbridge.bridge.cli import main
from vampbridge.engine.bundle import MANIFEST, load_bundle
from vampbridge.engine.errors import BundleError, PathError, SettingError
from vampbridge.engine.nets.codec import SpectralCodec
from vampbridge.export.bundle_export import BundleSpec, export_bundle
from vampbridge.export.placing import new_bundle
from vampbridge.export.sources import find_sources, origin_of, read_models

PUBLISHED = Path(__file__).parent / "fixtures" / "published" / "checkpoints"
CODEC, COARSE, FINE = (PUBLISHED / name for name in ("codec.pth", "coarse.pth", "c2f.pth"))
ADAPTER, PACKAGE = PUBLISHED / "coarse_adapter_only.pth", PUBLISHED / "toy_package.pth"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three training runs in one folder, as training leaves them."""
    folder = tmp_path_factory.mktemp("runs")
    models = tiny_models()
    for name, model in (("a", models.coarse), ("b", models.codec), ("c", models.fine)):
        (folder / name).mkdir()
        state = {"step": 3, "spent_s": 1.0, "model": model.state_dict(), "config": model.config.to_dict()}
        torch.save(state, folder / name / "last.pt")
    return folder


# Which file is which


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_published_files_are_recognised_in_any_order(order):
    files = (CODEC, COARSE, FINE, ADAPTER)
    sources = find_sources([files[index] for index in order])
    assert {part: source.path for part, source in sources.parts.items()} == {
        "codec": CODEC,
        "coarse": COARSE,
        "fine": FINE,
    }
    assert sources.adapters == {"coarse": ADAPTER}


def test_runs_are_recognised_as_files_as_folders_and_as_a_folder_of_folders(runs):
    expected = {"codec": runs / "b/last.pt", "coarse": runs / "a/last.pt", "fine": runs / "c/last.pt"}
    for given_paths in ([runs], [runs / "c", runs / "b/last.pt", runs / "a"]):
        sources = find_sources(given_paths)
        assert {part: source.path for part, source in sources.parts.items()} == expected
    models = read_models(sources)
    assert models.codec.config == TINY_CODEC
    assert models.fine.config == tiny_models().fine.config


def test_file_names_say_nothing(tmp_path):
    for source, name in ((CODEC, "coarse.pth"), (COARSE, "c2f.pth"), (FINE, "codec.pth")):
        shutil.copy(source, tmp_path / name)
    parts = find_sources([tmp_path]).parts
    assert [parts[part].path.name for part in ("codec", "coarse", "fine")] == ["coarse.pth", "c2f.pth", "codec.pth"]


def test_what_else_lies_in_a_folder_is_passed_over_and_named(tmp_path):
    for source in (CODEC, COARSE, FINE, PACKAGE):
        shutil.copy(source, tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    sources = find_sources([tmp_path])
    assert set(sources.parts) == {"codec", "coarse", "fine"}
    (reason,) = sources.passed_over
    assert "toy_package.pth" in reason
    assert "torch.package" in reason


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([CODEC, COARSE], "there is no fine model: give c2f.pth"),
        ([CODEC, FINE], "there is no coarse model"),
        ([COARSE, FINE], "there is no codec model: give codec.pth"),
        ([CODEC, COARSE, FINE, PUBLISHED / "dac.pth"], r"there are 2 codec models, .*codec\.pth and .*dac\.pth"),
        ([CODEC, COARSE, FINE, PUBLISHED / "coarse_lora.pth"], "there are 2 coarse models"),
        ([CODEC, COARSE, FINE, ADAPTER, ADAPTER], "two adapters fit the coarse model"),
        ([CODEC, PUBLISHED / "coarse_lora.pth", FINE, ADAPTER], "fits neither"),
        ([CODEC, COARSE, FINE, PACKAGE], "torch.package archive"),
        ([CODEC, COARSE, PUBLISHED / "dac.pth"], "2 codec models"),
    ],
)
def test_missing_doubled_and_unfit_files_are_named(files, reason):
    with pytest.raises(BundleError, match=reason):
        find_sources(files)


def test_a_missing_model_names_what_was_passed_over(tmp_path):
    shutil.copy(PACKAGE, tmp_path / "codec.pth")
    with pytest.raises(BundleError, match=r"there is no codec model: .*passed over: codec\.pth: .*torch\.package"):
        find_sources([COARSE, FINE, tmp_path])


def test_an_adapter_for_the_fine_model_goes_there(tmp_path):
    fine = torch.load(FINE, weights_only=True)["state_dict"]
    adapter = {name: value for name, value in fine.items() if ".lora_" in name}
    torch.save(adapter, tmp_path / "some.pth")
    sources = find_sources([CODEC, COARSE, FINE, tmp_path / "some.pth"])
    assert sources.adapters == {"fine": tmp_path / "some.pth"}


def test_the_codec_must_be_the_one_of_the_transformers(tmp_path):
    models = read_models(find_sources([CODEC, COARSE, FINE]))
    with pytest.raises(BundleError, match="its codec has 9 of dimension 8"):
        read_models(find_sources([PUBLISHED / "dac.pth", COARSE, FINE]))
    wrong = replace(models, codec=SpectralCodec(replace(TINY_CODEC, codebook_size=32)))
    with pytest.raises(BundleError, match="another codec: the codec has 6 codebooks of 32"):
        export_bundle(wrong, BundleSpec("t", "CC0-1.0", {}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


# Where it goes


@pytest.mark.parametrize("kind", ["a file", "things in it", "a bundle", "below a file", "no checkpoints"])
def test_a_place_or_folder_that_cannot_be_used_is_one_line(kind, tmp_path, tiny_bundle_folder, capsys):
    out, files = tmp_path / "out", [str(CODEC), str(COARSE), str(FINE)]
    if kind == "a file":
        out.write_text("mine")
    elif kind == "things in it":
        out.mkdir()
        (out / "mine.txt").write_text("mine")
    elif kind == "a bundle":
        shutil.copytree(tiny_bundle_folder, out)
    elif kind == "below a file":
        (tmp_path / "file").write_text("mine")
        out = tmp_path / "file" / "out"
    else:
        (tmp_path / "empty").mkdir()
        files = [str(tmp_path / "empty")]
    before = sorted(tmp_path.rglob("*"))
    assert main(["export", *files, "-o", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert kind in error or "cannot write" in error
    assert sorted(tmp_path.rglob("*")) == before


def write_bundle(folder, text="new"):
    (folder / MANIFEST).write_text(text)


def write_and_fail(out):
    with new_bundle(out) as folder:
        write_bundle(folder)
        raise RuntimeError("stop")


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_bundle_appears_whole_or_not_at_all(tmp_path, name):
    out = tmp_path / "deep" / name
    with pytest.raises(RuntimeError, match="stop"):
        write_and_fail(out)
    assert list((tmp_path / "deep").iterdir()) == []
    with new_bundle(out) as folder:
        write_bundle(folder)
        assert not out.exists()
    assert list((tmp_path / "deep").iterdir()) == [out]
    if name == "out":
        assert (out / MANIFEST).read_text() == "new"
    else:
        with zipfile.ZipFile(out) as archive:
            assert archive.namelist() == [MANIFEST]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_bundle_is_replaced_only_when_asked_to(tmp_path, name):
    out = tmp_path / name
    for text in ("old", "new"):
        with new_bundle(out, overwrite=text == "new") as folder:
            write_bundle(folder, text)
    with pytest.raises(PathError, match="--force"), new_bundle(out):
        pass
    # A run that fails leaves the old one.
    with pytest.raises(RuntimeError), new_bundle(out, overwrite=True) as folder:
        raise RuntimeError
    assert list(tmp_path.iterdir()) == [out]
    read = (out / MANIFEST).read_text() if name == "out" else zipfile.ZipFile(out).read(MANIFEST).decode()
    assert read == "new"


@pytest.mark.parametrize("overwrite", [True, False])
def test_what_is_no_bundle_is_never_replaced(tmp_path, overwrite):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "file.zip").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    for name in ("file", "file.zip", "folder"):
        with pytest.raises(PathError, match="no bundle"), new_bundle(tmp_path / name, overwrite=overwrite):
            pass
    assert len(list(tmp_path.rglob("*"))) == 4


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_appears_at_the_place_during_the_export_is_never_replaced(tmp_path, name, overwrite):
    out = tmp_path / name

    def export():
        with new_bundle(out, overwrite=overwrite) as folder:
            write_bundle(folder)
            if name == "out":
                out.mkdir()
                (out / "mine.txt").write_text("mine")
            else:
                out.write_text("mine")

    with pytest.raises(PathError, match="no bundle"):
        export()
    assert (out / "mine.txt" if name == "out" else out).read_text() == "mine"
    assert list(tmp_path.iterdir()) == [out]


def test_a_graph_beyond_its_tolerance_is_not_written(tmp_path, monkeypatch, tiny_bundle):
    trace_no_more(monkeypatch, tiny_bundle)
    monkeypatch.setattr("vampbridge.export.bundle_export.with_precision", spoil)
    spec = BundleSpec("t", "CC0-1.0", {}, "fp32", "fp32")
    with pytest.raises(BundleError, match="the exported codec does not agree with torch"):
        export_bundle(tiny_models(), spec, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_mixed_precision_is_for_the_published_codecs(tmp_path):
    with pytest.raises(SettingError, match="codec_precision mixed is for LAC and DAC"):
        export_bundle(tiny_models(), BundleSpec("t", "CC0-1.0", {}, "mixed"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def spoil(model, _precision):
    """Shift one weight of every graph by a thousandth."""
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and np.prod(tensor.dims) > 256:
            tensor.CopyFrom(
                onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor) + np.float32(1e-3), tensor.name)
            )
            break
    return model


# A codec that is lent


def test_two_codecs_are_one_too_many_even_in_a_bundle(tiny_bundle_folder):
    with pytest.raises(BundleError, match="there are 2 codec models"):
        find_sources([CODEC, COARSE, FINE, tiny_bundle_folder])


def test_a_zipped_bundle_lends_its_codec_too(tiny_bundle_folder, runs, tmp_path):
    path = tmp_path / "tiny.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in tiny_bundle_folder.iterdir():
            archive.write(file, file.name)
    sources = find_sources([path, runs / "a", runs / "c"])
    models = read_models(sources)
    assert models.codec.graphs["decoder"] == load_bundle(path).graph("decoder")
    assert origin_of(sources, models.codec)["codec_weights"] == "random"
