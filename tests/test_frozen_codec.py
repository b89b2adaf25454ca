"""Transformers are trained on the codec of a bundle as on that of a checkpoint: same sound, same tokens."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tiny_bundle import TINY_CODEC, tiny_models
from vampbridge.bridge.cli import main
from vampbridge.engine.bundle import load_bundle
from vampbridge.engine.codebooks import CODEBOOKS, pack_codebooks, unpack_codebooks
from vampbridge.engine.errors import BundleError
from vampbridge.engine.library import open_library
from vampbridge.engine.training import train_tokens
from vampbridge.engine.training.checkpoints import read_transformer
from vampbridge.engine.training.frozen_codec import of_bundle, of_network, open_frozen
from vampbridge.engine.training.tokens import encode_clip, load_tokens
from vampbridge.export.bundle_codec import codec_of, read_codebooks
from vampbridge.export.sources import find_sources, read_models


@pytest.fixture(autouse=True)
def _cache(monkeypatch, tmp_path):
    monkeypatch.setenv("VAMPBRIDGE_CACHE", str(tmp_path / "cache"))


def with_file(bundle, content):
    """The bundle with other codebooks; None takes them out, as in bundles of earlier versions."""
    rest = {name: data for name, data in bundle.contents.items() if name != CODEBOOKS}
    contents = rest if content is None else rest | {CODEBOOKS: content}
    files = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    return replace(bundle, contents=contents, manifest=replace(bundle.manifest, files=files))


def test_an_export_holds_the_entries_of_its_codec(tiny_bundle):
    wanted = tiny_models().codec.quantiser.codebooks.detach().numpy()
    assert (unpack_codebooks(tiny_bundle) == wanted).all()
    assert (codec_of(tiny_bundle).codebooks.numpy() == wanted).all()


def test_the_embedded_bundle_holds_the_entries_of_its_decoder():
    bundle = load_bundle()
    assert (unpack_codebooks(bundle) == read_codebooks(bundle.graph("decoder"), "default").numpy()).all()


def test_half_precision_is_kept_as_it_is():
    entries = np.random.default_rng(0).standard_normal((6, 64, 4)).astype(np.float16).astype(np.float32)
    with np.load(io.BytesIO(pack_codebooks(entries, half=True))) as arrays:
        assert arrays["codebooks"].dtype == np.float16
        assert (arrays["codebooks"].astype(np.float32) == entries).all()


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("seconds", [0.1, 2.0])
def test_a_bundle_and_its_network_give_the_same_tokens(tiny_bundle, ring, seconds):
    audio = np.random.default_rng(0).standard_normal(round(seconds * 44_100)).astype(np.float32) * 0.1
    network = tiny_models().codec
    ours, theirs = (encode_clip(codec, audio, ring=ring) for codec in (of_bundle(tiny_bundle), of_network(network)))
    assert ours.shape == theirs.shape
    assert ours.dtype == np.int16
    # Sums in another order; a token on the border of two entries changes those above it in its frame.
    assert (ours == theirs).mean() > 0.98


def test_a_bundle_without_codebooks_performs_and_says_why_it_cannot_be_trained_on(tiny_bundle):
    before = with_file(tiny_bundle, None)
    assert unpack_codebooks(before) is None
    assert (codec_of(before).codebooks == codec_of(tiny_bundle).codebooks).all()
    with pytest.raises(BundleError, match=r"no codebooks\.npz.*export it again"):
        of_bundle(before)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        b"PK\x03\x04",
        pack_codebooks(np.zeros((5, 64, 4), np.float32)),
        pack_codebooks(np.zeros((6, 64), np.float32)),
        pack_codebooks(np.full((6, 64, 4), np.nan, np.float32)),
    ],
)
def test_codebooks_that_cannot_be_meant_are_refused(tiny_bundle, content):
    with pytest.raises(BundleError, match=r"bundle tiny: codebooks\.npz .*export the bundle again"):
        unpack_codebooks(with_file(tiny_bundle, content))


def test_a_codec_is_named_by_checkpoint_path_or_name(tiny_bundle_folder, tmp_path):
    network = tiny_models().codec
    checkpoint = tmp_path / "last.pt"
    torch.save({"step": 1, "spent_s": 1.0, "model": network.state_dict(), "config": TINY_CODEC.to_dict()}, checkpoint)
    open_library().add_bundle(tiny_bundle_folder, "mine")
    wanted = network.quantiser.codebooks.detach()
    for named in (checkpoint, str(checkpoint), tiny_bundle_folder, "mine"):
        codec = open_frozen(named)
        assert (codec.sample_rate, codec.hop) == (TINY_CODEC.sample_rate, TINY_CODEC.hop)
        assert (codec.codebooks == wanted).all()
    assert open_frozen("default").codebooks.shape[:2] == (14, 1024)
    with pytest.raises(BundleError, match=r"no model 'none\.pt'"):
        open_frozen("none.pt")


def test_the_command_line_trains_on_a_bundles_tokens(tiny_bundle_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(train_tokens, "SAVE_EVERY_S", 1e9)
    open_library().add_bundle(tiny_bundle_folder, "mine")
    (tmp_path / "sounds").mkdir()
    noise = np.random.default_rng(0).standard_normal((3, 88_200)).astype(np.float32) * 0.1
    for index, audio in enumerate(noise):
        soundfile.write(tmp_path / "sounds" / f"{index}.wav", audio, 44_100)
    tokens, run = tmp_path / "tokens.npz", tmp_path / "coarse"
    assert main(["train", "tokens", str(tmp_path / "sounds"), "mine", str(tokens), "--copies", "1"]) == 0
    assert {clip.codes.shape for clip in load_tokens(tokens)} == {(6, round(88_200 / TINY_CODEC.hop))}
    sizes = ["--n-coarse", "2", "--width", "16", "--layers", "1", "--hours", "0.0003", "--threads", "1"]
    assert main(["train", "coarse", str(tokens), str(tiny_bundle_folder), str(run), *sizes]) == 0
    assert read_transformer(run / "last.pt").config.latent_dim == TINY_CODEC.codebook_dim
    assert main(["train", "coarse", str(tokens), "nobody", str(run), *sizes]) == 2


def test_an_export_takes_the_codec_of_a_bundle_by_its_name(tiny_bundle_folder, tmp_path, capsys):
    from vampbridge.export.commands import _located

    added = open_library().add_bundle(tiny_bundle_folder, "mine")
    assert _located(tmp_path) == tmp_path
    models = tiny_models()
    files = []
    for name, model in (("a", models.coarse), ("b", models.fine)):
        state = {"step": 3, "spent_s": 1.0, "model": model.state_dict(), "config": model.config.to_dict()}
        files.append(tmp_path / f"{name}.pt")
        torch.save(state, files[-1])
    for named, name in ((_located(Path("mine")), "tiny"), (_located(Path("default")), "vampbridge-default")):
        sources = find_sources([named, *files])
        assert sources.parts["codec"].path == named
        assert load_bundle(named).manifest.name == name
    assert read_models(find_sources([added.bundle, *files])).codec.manifest.name == "tiny"
    assert main(["export", "nobody", *map(str, files), "-o", str(tmp_path / "out")]) == 2
    assert "there is no model 'nobody'" in capsys.readouterr().err
