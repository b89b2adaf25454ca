"""`vampbridge models` but for pulling: list, info, add, convert and remove, as a user types them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hollow_bundle import make_hollow_bundle
from models_helpers import PUBLISHED, empty_cache, models_line, published_hub, quick_export, refused
from vampbridge.bridge.cli import main
from vampbridge.engine.bundle import read_manifest
from vampbridge.engine.library import open_library, resolve


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    return empty_cache(monkeypatch, tmp_path)


@pytest.fixture(autouse=True)
def exported(monkeypatch):
    return quick_export(monkeypatch)


@pytest.fixture
def server(monkeypatch):
    with published_hub(monkeypatch) as hub:
        yield hub


@pytest.fixture
def run(capsys):
    return partial(models_line, capsys)


def test_a_bundle_is_replaced_only_when_told(run, server, exported):
    run("pull", "vampnet", "--yes")
    assert "--force" in refused(run("convert", "vampnet"))
    assert run("convert", "vampnet", "--force")[0] == 0
    assert run("convert", "vampnet", "--name", "slow")[0] == 0
    assert resolve("slow").name == "slow"


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_left_of_a_bundle_is_made_anew_of_its_weights(run, server, cache, packed):
    run("pull", "vampnet", "--yes")
    place = resolve("vampnet")
    (place / "manifest.json").unlink()
    if packed:
        shutil.rmtree(place)
        place.with_suffix(".zip").write_bytes(b"PK")
    assert "--force" in refused(run("convert", "vampnet"))
    status, out, _ = run("pull", "vampnet", "--offline")
    assert (status, "replacing what is left of a bundle" in out) == (0, True)
    assert len(read_manifest(resolve("vampnet")).files) == 5
    assert list((cache / "bundles").iterdir()) == [place]
    (place / "manifest.json").unlink()
    assert run("convert", "vampnet", "--force")[0] == 0


def test_paths_are_converted_into_the_library(run, tmp_path, exported):
    files = [PUBLISHED / name for name in ("c2f.pth", "codec.pth", "coarse.pth")]
    assert run("convert", *files, "--name", "mine", "--licence", "CC0-1.0")[0] == 0
    assert read_manifest(resolve("mine")).licence == "CC0-1.0"
    assert "no model" in refused(run("convert", tmp_path / "nothing"))
    assert "is a bundle already" in refused(run("convert", "default"))


def test_added_bundles_and_weights_say_how_they_are_used(run, tmp_path):
    status, out, _ = run("add", make_hollow_bundle(tmp_path / "x"), "--name", "mine")
    assert (status, out) == (0, "added mine: use it as --bundle mine\n")
    status, out, _ = run("add", PUBLISHED / "codec.pth", PUBLISHED / "coarse.pth", "--name", "raw", "--licence", "MIT")
    assert status == 0
    assert "vampbridge models convert raw" in out
    assert json.loads(run("info", "raw", "--json")[1])["checkpoints"]["licence"] == "MIT"
    assert "holds neither" in refused(run("add", tmp_path))
    assert "there is no bundle" in refused(run("add", tmp_path / "nothing"))
    assert "--licence is for checkpoints" in refused(run("add", tmp_path / "x", "--name", "y", "--licence", "MIT"))


def test_the_list_tells_state_size_precision_and_licence(run, cache, tmp_path):
    run("add", make_hollow_bundle(tmp_path / "x"), "--name", "mine")
    listed = json.loads(run("list", "--json")[1])
    assert listed["cache"] == str(cache)
    embedded, mine = listed["models"]
    assert embedded["name"] == "default"
    assert (mine["name"], mine["state"], mine["precision"]) == ("mine", "ready", "fp16/int8")
    assert (mine["licence"], mine["bundle"]) == ("CC0-1.0", str(cache / "bundles" / "mine"))
    assert mine["bundle_bytes"] == sum(path.stat().st_size for path in (tmp_path / "x").iterdir())
    out = run("list")[1]
    assert f"cache: {cache}" in out
    assert "vampbridge models pull vampnet" in out


def test_the_list_says_where_the_embedded_bundle_lies(run):
    (embedded,) = json.loads(run("list", "--json")[1])["models"]
    assert read_manifest(Path(embedded["bundle"])) == read_manifest()


@pytest.mark.parametrize("broken", ["missing", "unreadable"])
def test_a_damaged_bundle_is_shown_removed_and_added_again(run, cache, tmp_path, broken):
    folder = make_hollow_bundle(tmp_path / "x")
    run("add", folder, "--name", "mine")
    manifest = cache / "bundles" / "mine" / "manifest.json"
    manifest.unlink() if broken == "missing" else manifest.write_bytes(b"\xff")
    assert "mine     damaged: " in run("list")[1]
    assert json.loads(run("list", "--json")[1])["models"][1]["state"].startswith("damaged: ")
    assert json.loads(run("info", "mine", "--json")[1])["bundle"]["sha256"].startswith("damaged: ")
    assert "vampbridge models remove mine" in refused(run("add", folder, "--name", "mine"))
    assert main(["serve", "--bundle", "mine"]) == 2
    assert run("remove", "mine", "--yes")[0] == 0
    assert not manifest.parent.exists()
    assert run("add", folder, "--name", "mine")[0] == 0
    assert len(read_manifest(resolve("mine")).files) == 5


def test_info_tells_all_of_a_bundle_and_whether_it_is_whole(run, tmp_path):
    folder = make_hollow_bundle(tmp_path / "x", licence="CC0-1.0")
    run("add", folder, "--name", "mine")
    for named in ("mine", folder):
        bundle = json.loads(run("info", named, "--json")[1])["bundle"]
        assert (bundle["sha256"], bundle["licence"], bundle["hop"]) == ("whole", "CC0-1.0", 768)
        assert bundle["precision"]["coarse"] == "int8"
        assert bundle["checks"] == {"coarse_argmax_agreement": "0.99"}
    (resolve("mine") / "fine.onnx").write_bytes(b"x")
    assert "damaged" in json.loads(run("info", "mine", "--json")[1])["bundle"]["sha256"]
    assert "fine.onnx is damaged" in run("info", "mine")[1]


def test_info_tells_kind_parameters_and_sizes_of_checkpoints(run):
    facts = json.loads(run("info", PUBLISHED, "--json")[1])["checkpoints"]
    files = {file["file"]: file for file in facts["files"]}
    coarse = files["coarse.pth"]
    assert (coarse["kind"], coarse["sizes"]["codebooks"], coarse["sizes"]["width"]) == ("coarse", 4, 64)
    assert coarse["parameters"] == 417_440
    assert coarse["sha256"] == hashlib.sha256((PUBLISHED / "coarse.pth").read_bytes()).hexdigest()
    kinds = {name: file.get("kind") for name, file in files.items()}
    assert (kinds["c2f.pth"], kinds["codec.pth"], kinds["dac.pth"]) == ("fine", "lac", "dac")
    assert kinds["coarse_adapter_only.pth"] == "adapter"
    assert "torch.package" in files["toy_package.pth"]["note"]


def test_remove_asks_and_takes_all_of_a_model(run, server, cache, monkeypatch):
    run("pull", "vampnet", "--yes")
    assert "--yes deletes without asking" in refused(run("remove", "vampnet"))
    assert resolve("vampnet") is not None
    assert run("remove", "vampnet", "--yes")[0] == 0
    assert open_library().find("vampnet") is None
    assert list((cache / "bundles").iterdir()) == list((cache / "checkpoints").iterdir()) == []


@pytest.mark.parametrize("name", ["../../x", "/", "..", "vampnet", "default", "a--b", "."])
def test_only_models_of_the_library_are_removed(run, cache, tmp_path, name):
    (tmp_path / "x").mkdir()
    refused(run("remove", name, "--yes"))
    assert (tmp_path / "x").exists()


def test_without_torch_all_but_converting_works(tmp_path, cache):
    blocked = "import sys; sys.modules.update(dict.fromkeys(('torch', 'onnx', 'huggingface_hub')))\n"
    bundle = make_hollow_bundle(tmp_path / "x")
    lines = [
        (["add", str(bundle), "--name", "mine"], 0, "added mine"),
        (["list"], 0, "mine"),
        (["info", "mine"], 0, "sha256: whole"),
        (["info", str(PUBLISHED / "coarse.pth")], 0, "pip install 'vampbridge[models]'"),
        (["remove", "mine", "--yes"], 0, "removed mine"),
        (["pull", "vampnet", "--yes"], 2, "pip install 'vampbridge[models]'"),
        (["convert", str(PUBLISHED)], 2, "pip install 'vampbridge[models]'"),
    ]
    script = f"{blocked}from vampbridge.bridge.cli import main\nimport json\n"
    script += "\n".join(f"print(main(['models', *{line!r}]), '|END')" for line, _, _ in lines)
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert [int(line.split()[0]) for line in done.stdout.splitlines() if "|END" in line] == [
        status for _, status, _ in lines
    ]
    for _, _, said in lines:
        assert said in done.stdout


def test_a_bundles_name_is_good_for_render_and_serve(run, tmp_path, monkeypatch):
    from vampbridge.bridge.cli import serve as serve_module

    run("add", make_hollow_bundle(tmp_path / "x"), "--name", "mine")
    seen = []
    monkeypatch.setattr(serve_module, "run_server", lambda options, **_more: seen.append(options.bundle))
    assert main(["serve", "--bundle", "mine"]) == 0
    assert seen == [resolve("mine")]
    assert main(["serve", "--bundle", "default"]) == 0
    assert seen[1] is None
    for command in (["serve"], ["demo"], ["render", "a.wav", "b.wav"]):
        assert main([*command, "--bundle", "nobody"]) == 2
