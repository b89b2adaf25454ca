"""A bundle is refused with a reason before anything of it runs."""

import json
import shutil
import zipfile

import pytest
from tiny_bundle import make_tiny_bundle
from vampbridge.engine.bundle import MANIFEST, load_bundle
from vampbridge.engine.errors import BundleError
from vampbridge.engine.runtime import Runtime


@pytest.fixture
def bundle_folder(tiny_bundle_folder, tmp_path):
    return shutil.copytree(tiny_bundle_folder, tmp_path / "bundle")


def rewrite(folder, **changes):
    manifest = json.loads((folder / MANIFEST).read_text())
    for name, value in changes.items():
        if value is None:
            del manifest[name]
        else:
            manifest[name] = value
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_whole_bundle_loads_and_names_itself(bundle_folder):
    bundle = load_bundle(bundle_folder)
    assert bundle.manifest.name == "tiny"
    assert bundle.manifest.n_codebooks == 6
    assert len(bundle.fingerprint) == 64


def test_a_zip_is_the_same_bundle(bundle_folder, tmp_path):
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in bundle_folder.iterdir():
            archive.write(file, file.name)
    assert load_bundle(path).fingerprint == load_bundle(bundle_folder).fingerprint


def test_a_truncated_graph_is_refused_by_name(bundle_folder):
    file = bundle_folder / "coarse.onnx"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BundleError, match=r"coarse\.onnx is damaged"):
        load_bundle(bundle_folder)


def test_one_flipped_byte_is_noticed(bundle_folder):
    file = bundle_folder / "decoder.onnx"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(BundleError, match=r"decoder\.onnx is damaged"):
        load_bundle(bundle_folder)


def test_a_missing_graph_is_named(bundle_folder):
    (bundle_folder / "fine.onnx").unlink()
    with pytest.raises(BundleError, match=r"cannot read fine\.onnx"):
        load_bundle(bundle_folder)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_format_version_is_refused_with_the_way_out(bundle_folder, version):
    rewrite(bundle_folder, format=version)
    with pytest.raises(BundleError, match="format"):
        load_bundle(bundle_folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hop": 0}, "no usable hop"),
        ({"hop": "768"}, "no usable hop"),
        ({"name": 3}, "no usable name"),
        ({"licence": None}, "licence"),
        ({"surprise": 1}, "surprise"),
        ({"files": {}}, "does not list"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(bundle_folder, change, reason):
    rewrite(bundle_folder, **change)
    with pytest.raises(BundleError, match=reason):
        load_bundle(bundle_folder)


def test_a_manifest_cannot_reach_outside_its_folder(bundle_folder):
    files = json.loads((bundle_folder / MANIFEST).read_text())["files"]
    rewrite(bundle_folder, files={**files, "../secret": "0" * 64})
    with pytest.raises(BundleError, match="outside the bundle"):
        load_bundle(bundle_folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_broken_manifest_is_refused(bundle_folder, text):
    (bundle_folder / MANIFEST).write_text(text)
    with pytest.raises(BundleError, match=MANIFEST):
        load_bundle(bundle_folder)


def test_missing_and_other_files_are_no_bundles(tmp_path):
    with pytest.raises(BundleError, match="there is no bundle"):
        load_bundle(tmp_path / "nothing")
    (tmp_path / "file.txt").write_text("hello")
    with pytest.raises(BundleError, match="is no bundle"):
        load_bundle(tmp_path / "file.txt")


def test_a_graph_that_is_no_model_is_refused(bundle_folder):
    import hashlib

    data = b"not a model"
    (bundle_folder / "fine.onnx").write_bytes(data)
    files = json.loads((bundle_folder / MANIFEST).read_text())["files"]
    rewrite(bundle_folder, files={**files, "fine.onnx": hashlib.sha256(data).hexdigest()})
    with pytest.raises(BundleError, match="graph fine cannot be loaded"):
        Runtime(load_bundle(bundle_folder))


def test_halved_and_quantised_weights_pass_their_own_checks(tmp_path):
    bundle = make_tiny_bundle(tmp_path, codec_precision="fp16", token_precision="int8")
    assert bundle.manifest.precision == {"encoder": "fp16", "decoder": "fp16", "coarse": "int8", "fine": "int8"}
    assert float(bundle.manifest.checks["coarse_argmax_agreement"]) > 0.85
    assert 0 < float(bundle.manifest.checks["decoder_largest_error"]) < 5e-3
