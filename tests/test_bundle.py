"""A bundle is refused with a reason before anything of it runs."""

import dataclasses
import gc
import hashlib
import io
import json
import shutil
import sys
import zipfile

import numpy as np
import pytest
from tiny_bundle import make_tiny_bundle, tiny_models, trace_no_more
from vampbridge.engine.bundle import MANIFEST, load_bundle
from vampbridge.engine.errors import BundleError, SettingError
from vampbridge.engine.nets.transformer import TokenTransformer
from vampbridge.engine.runtime import Runtime
from vampbridge.engine.vamper import Vamper
from vampbridge.export.bundle_export import BundleSpec, export_bundle


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
        ({"n_coarse": 6}, r"n_coarse must be below n_codebooks, 6, got 6"),
        ({"n_coarse": 9}, r"n_coarse must be below n_codebooks, 6, got 9"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(bundle_folder, change, reason):
    rewrite(bundle_folder, **change)
    with pytest.raises(BundleError, match=reason):
        load_bundle(bundle_folder)


@pytest.mark.parametrize("name", ["../secret", "..\\secret", "C:secret", "coarse.onnx:stream", "..", ""])
def test_a_manifest_cannot_reach_outside_its_folder(bundle_folder, name):
    files = json.loads((bundle_folder / MANIFEST).read_text())["files"]
    rewrite(bundle_folder, files={**files, name: "0" * 64})
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


def put(folder, name, data):
    """Replace a file of a bundle, hash and all."""
    (folder / name).write_bytes(data)
    files = json.loads((folder / MANIFEST).read_text())["files"]
    rewrite(folder, files={**files, name: hashlib.sha256(data).hexdigest()})


def saved(save=np.savez, **arrays):
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


BIAS = np.zeros((32, 4), dtype=np.float32)
SPOILT_BIASES = {
    "nothing": (b"", "cannot be read"),
    "junk": (b"not an archive", "cannot be read"),
    "one array": (saved(np.save, arr=BIAS), "cannot be read"),
    "cut off": (saved(coarse=BIAS, fine=BIAS)[:-30], "cannot be read"),
    "pickle": (saved(coarse=BIAS, fine=np.array([{}], dtype=object)), "cannot be read"),
    "no fine": (saved(coarse=BIAS), "fine"),
    "31 buckets": (saved(coarse=BIAS[:31], fine=BIAS), r"coarse in position_bias\.npz must be \(32, heads\)"),
    "no heads": (saved(coarse=BIAS, fine=BIAS[:, :0]), r"fine in position_bias\.npz must be \(32, heads\)"),
    "flat": (saved(coarse=BIAS, fine=BIAS[:, 0]), r"got \(32,\) of float32"),
    "integers": (saved(coarse=BIAS, fine=BIAS.astype(int)), "got .* of int64"),
    "not finite": (saved(coarse=BIAS * np.nan, fine=BIAS), "coarse .* is not finite"),
}


@pytest.mark.parametrize("kind", SPOILT_BIASES)
def test_position_weights_that_make_no_sense_are_refused(bundle_folder, kind):
    data, reason = SPOILT_BIASES[kind]
    put(bundle_folder, "position_bias.npz", data)
    with pytest.raises(BundleError, match=reason):
        load_bundle(bundle_folder)


def test_position_weights_for_any_number_of_heads_load(bundle_folder):
    put(bundle_folder, "position_bias.npz", saved(coarse=BIAS, fine=BIAS[:, :1]))
    load_bundle(bundle_folder)


def test_a_graph_that_is_no_model_is_refused(bundle_folder):
    put(bundle_folder, "fine.onnx", b"not a model")
    with pytest.raises(BundleError, match="graph fine cannot be loaded"):
        Runtime(load_bundle(bundle_folder))


def test_halved_and_quantised_weights_pass_their_own_checks(tmp_path, monkeypatch, tiny_bundle):
    trace_no_more(monkeypatch, tiny_bundle)
    bundle = make_tiny_bundle(tmp_path, codec_precision="fp16", token_precision="int8")
    assert bundle.manifest.precision == {"encoder": "fp16", "decoder": "fp16", "coarse": "int8", "fine": "int8"}
    assert float(bundle.manifest.checks["coarse_argmax_agreement"]) > 0.85
    assert 0 < float(bundle.manifest.checks["decoder_largest_error"]) < 5e-3


@pytest.mark.parametrize(
    ("precisions", "reason"),
    [
        ({"codec_precision": "bogus"}, "codec_precision must be one of fp32, fp16, mixed, got 'bogus'"),
        ({"codec_precision": "int8"}, "codec_precision must be one of fp32, fp16, mixed, got 'int8'"),
        ({"token_precision": "fp8"}, "token_precision must be one of fp32, fp16, gpu, int8, got 'fp8'"),
    ],
)
def test_a_precision_that_is_not_offered_is_refused_before_any_work(tmp_path, precisions, reason):
    with pytest.raises(SettingError, match=reason):
        make_tiny_bundle(tmp_path / "out", **precisions)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("mistake", ["swapped", "another split", "another codec"])
def test_models_that_do_not_belong_together_are_refused_before_any_work(tmp_path, mistake):
    models = tiny_models()
    if mistake == "swapped":
        wrong, reason = dataclasses.replace(models, coarse=models.fine, fine=models.coarse), "in this order"
    elif mistake == "another split":
        config = dataclasses.replace(models.fine.config, n_conditioning=3)
        wrong = dataclasses.replace(models, fine=TokenTransformer(config))
        reason = "conditioned on 3 codebooks, the coarse model predicts 2"
    else:
        config = dataclasses.replace(models.coarse.config, vocabulary=32)
        wrong, reason = dataclasses.replace(models, coarse=TokenTransformer(config)), "another codec"
    with pytest.raises(BundleError, match=reason):
        export_bundle(wrong, BundleSpec("t", "CC0-1.0", {}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_loaded_vamper_holds_none_of_the_bytes_it_was_loaded_from(tiny_bundle_folder):
    bundle = load_bundle(tiny_bundle_folder)
    before = {name: sys.getrefcount(data) for name, data in bundle.contents.items()}
    vamper = Vamper(bundle, threads=1, device="cpu")
    gc.collect()
    assert {name: sys.getrefcount(data) for name, data in bundle.contents.items()} == before
    assert (vamper.bundle.manifest, vamper.bundle.fingerprint) == (bundle.manifest, bundle.fingerprint)
