"""`vampbridge models pull` on a hub of our own: what is asked, what is fetched, what is on the disk afterwards."""

import subprocess
import sys
from functools import partial

import pytest
from hollow_bundle import make_hollow_bundle
from models_helpers import PUBLISHED, empty_cache, models_line, published_hub, quick_export, refused
from stand_in_hub import COMMIT
from vampbridge.engine.bundle import load_bundle, read_manifest
from vampbridge.engine.library import open_library, resolve
from vampbridge.export.pull import is_whole

LICENCE = "CC-BY-NC-SA-4.0"


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


def weights(cache, name="vampnet"):
    return {path.name for path in (cache / "checkpoints" / name).iterdir()}


def test_after_a_pull_the_model_is_played_by_its_name(run, server, cache, exported):
    status, out, _ = run("pull", "vampnet", "--yes")
    assert status == 0
    assert "use it as --bundle vampnet" in out
    assert resolve("vampnet") == cache / "bundles" / "vampnet"
    manifest = load_bundle(resolve("vampnet")).manifest
    assert (manifest.name, manifest.licence) == ("vampnet", LICENCE)
    assert manifest.origin["weights"] == f"{server.address}/hugggof/vampnet at {COMMIT}"
    assert weights(cache) == {"codec.pth", "coarse.pth", "c2f.pth", "source.json"}
    for name in ("codec.pth", "coarse.pth", "c2f.pth"):
        assert (cache / "checkpoints" / "vampnet" / name).read_bytes() == (PUBLISHED / name).read_bytes()


def test_a_second_pull_touches_no_network_and_makes_nothing_anew(run, server, exported):
    run("pull", "vampnet", "--yes")
    server.asked.clear()
    server.tokens.clear()
    status, out, _ = run("pull", "vampnet")
    assert status == 0
    assert "there and whole" in out
    assert (server.asked, server.tokens) == ([], [])
    assert len(exported) == 1


def test_without_a_yes_nothing_is_fetched(run, server, cache):
    error = refused(run("pull", "vampnet"))
    assert "--yes accepts the licence" in error
    assert server.sent() == []
    assert not cache.exists()


def test_licence_and_size_are_shown_before_the_question(run, server, monkeypatch, cache):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question, **_more: asked.append(question))
    status, _, err = run("pull", "vampnet")
    assert status == 130
    size = sum((PUBLISHED / name).stat().st_size for name in ("codec.pth", "coarse.pth", "c2f.pth"))
    assert f"{size / 1e6:,.1f} MB" in err
    assert "CC BY-NC-SA 4.0" in err
    assert "not for commercial use" in err
    assert asked == ["Accept the licence and fetch it?"]
    assert server.sent() == []
    assert not cache.exists()


def test_a_yes_at_the_terminal_is_enough(run, server, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _question, **_more: True)
    assert run("pull", "vampnet", "--no-convert")[0] == 0


def test_weights_alone_are_fetched_and_converted_later(run, server, cache, exported):
    assert run("pull", "vampnet", "--yes", "--no-convert")[0] == 0
    assert not (cache / "bundles").exists()
    assert "not converted" in run("list")[1]
    assert run("convert", "vampnet", "--precision", "fp16", "--codec-precision", "fp32")[0] == 0
    ((files, options),) = exported
    assert sorted(files) == ["c2f.pth", "coarse.pth", "codec.pth"]
    assert (options.token_precision, options.codec_precision) == ("fp16", "fp32")


def test_the_beat_tracker_comes_only_when_asked(run, server, cache, exported):
    run("pull", "vampnet", "--yes")
    assert "wavebeat.pth" not in weights(cache)
    assert run("pull", "vampnet", "--yes", "--wavebeat")[0] == 0
    assert "wavebeat.pth" in weights(cache)
    assert [path for path, _ in server.sent()].count("codec.pth") == 1
    assert len(exported) == 1


def test_a_fine_tune_of_adapters_brings_the_model_it_goes_over(run, server, cache, exported):
    assert run("pull", "vampnet/choir", "--yes")[0] == 0
    assert weights(cache) == {"codec.pth", "coarse.pth", "c2f.pth", "source.json"}
    assert weights(cache, "vampnet--choir") == {"coarse.pth", "source.json"}
    manifest = read_manifest(resolve("vampnet/choir"))
    assert manifest.name == "vampnet/choir"
    assert "coarse_adapter" in manifest.origin
    server.asked.clear()
    assert run("pull", "vampnet/choir")[0] == 0
    assert server.asked == []


def test_a_whole_fine_tune_brings_only_the_codec(run, server, cache, exported):
    assert run("pull", "vampnet/whole", "--yes")[0] == 0
    assert weights(cache) == {"codec.pth", "source.json"}
    assert weights(cache, "vampnet--whole") == {"coarse.pth", "c2f.pth", "source.json"}
    assert run("pull", "vampnet", "--yes")[0] == 0
    assert weights(cache) == {"codec.pth", "coarse.pth", "c2f.pth", "source.json"}
    assert [path for path, _ in server.sent()].count("codec.pth") == 1


def test_versions_of_the_published_model_are_never_mixed(run, server, cache, monkeypatch):
    run("pull", "vampnet", "--yes", "--no-convert")
    library = open_library()
    assert is_whole(library, "vampnet")
    monkeypatch.setattr("stand_in_hub.COMMIT", "f" * 40)
    server.files["codec.pth"] += b"more"
    server.files["c2f.pth"] += b"more"
    run("pull", "vampnet/whole", "--yes", "--no-convert")
    assert is_whole(library, "vampnet/whole")
    assert not is_whole(library, "vampnet")  # its transformers go with another codec
    run("pull", "vampnet", "--yes", "--no-convert")
    assert is_whole(library, "vampnet")
    for name in ("codec.pth", "coarse.pth", "c2f.pth"):
        assert (cache / "checkpoints" / "vampnet" / name).read_bytes() == server.files[name]


def test_what_an_earlier_try_left_and_cannot_be_deleted_is_one_line(run, server, cache, monkeypatch):
    folder = cache / "checkpoints" / "vampnet"
    folder.mkdir(parents=True)
    (folder / ".codec.pth.0123456789abcdef.part").write_bytes(b"half")

    def refuse(path, **_more):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    assert "codec.pth: Permission denied" in refused(run("pull", "vampnet", "--yes", "--no-convert"))


def test_an_unknown_fine_tune_is_answered_with_those_there_are(run, server):
    error = refused(run("pull", "vampnet/opera", "--yes"))
    assert "there are: vampnet/choir, vampnet/whole" in error


@pytest.mark.parametrize("name", ["gpt", "default", "vampnet/", "vampnet/a/b", "../x", ""])
def test_only_the_published_model_is_pulled(run, server, name):
    refused(run("pull", name, "--yes"))
    assert server.asked == []


@pytest.mark.parametrize("how", ["option", "variable"])
def test_offline_means_offline(run, server, monkeypatch, how):
    if how == "variable":
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    args = ["pull", "vampnet", "--yes"] + (["--offline"] if how == "option" else [])
    assert "the network is not to be used" in refused(run(*args))
    assert server.tokens == []


def test_what_is_there_is_converted_offline(run, server, exported):
    run("pull", "vampnet", "--yes", "--no-convert")
    assert run("pull", "vampnet", "--offline")[0] == 0
    assert len(exported) == 1


def test_a_pull_goes_on_where_the_last_one_was_killed(run, server, cache):
    """A real kill of a real process, at half of a file."""
    script = (
        "import os, sys, vampbridge.export.hub as hub\n"
        "read = hub.Hub._read\n"
        "hub._BLOCK_BYTES = 65536\n"
        "def stop(self, response):\n"
        "    stop.blocks += 1\n"
        "    if stop.blocks > 30: os.kill(os.getpid(), 9)\n"
        "    return read(self, response)\n"
        "stop.blocks = 0\n"
        "hub.Hub._read = stop\n"
        "from vampbridge.bridge.cli import main\n"
        "main(['models', 'pull', 'vampnet', '--yes', '--no-convert'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == -9
    (part,) = (cache / "checkpoints" / "vampnet").glob("*.part")
    begun = part.stat().st_size
    assert begun > 0
    assert "incomplete" in run("list")[1]
    refused(run("pull", "vampnet", "--offline"))
    server.asked.clear()
    assert run("pull", "vampnet", "--yes", "--no-convert")[0] == 0
    assert server.sent()[0] == (part.name.split(".pth")[0].removeprefix(".") + ".pth", begun)
    assert [path for path, _ in server.sent()].count("codec.pth") == 0
    assert weights(cache) == {"codec.pth", "coarse.pth", "c2f.pth", "source.json"}


def test_corrupted_content_is_deleted_and_never_used(run, server, cache, exported):
    good = server.files["coarse.pth"]
    server.lies["coarse.pth"] = bytes([good[0] ^ 1]) + good[1:]
    error = refused(run("pull", "vampnet", "--yes"))
    assert "coarse.pth came damaged" in error
    assert "run the same command again" in error
    assert weights(cache) == {"codec.pth", "source.json"}
    assert exported == []
    server.lies.clear()
    assert run("pull", "vampnet", "--yes")[0] == 0


def test_a_file_that_rots_in_the_cache_is_found_and_fetched_again(run, server, cache):
    run("pull", "vampnet", "--yes", "--no-convert")
    path = cache / "checkpoints" / "vampnet" / "codec.pth"
    rotten = bytearray(path.read_bytes())
    rotten[1000] ^= 1
    path.write_bytes(rotten)
    assert "damaged" in run("info", "vampnet")[1]
    assert run("pull", "vampnet", "--yes", "--no-convert")[0] == 0
    assert path.read_bytes() == (PUBLISHED / "codec.pth").read_bytes()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"statuses": {"": 401}}, "wants a login"),
        ({"statuses": {"": 503}}, "answers 503"),
        ({"files": {}}, "has no codec.pth"),
        ({"is_hub": False}, "login page"),
        ({"tells_hash": False}, "no size and SHA-256"),
        ({"lies": {"codec.pth": b"short"}}, "sends 5 bytes as codec.pth"),
        ({"cuts": {"codec.pth": [0] * 50}}, "cannot reach"),
    ],
)
def test_a_hub_in_trouble_is_one_line(run, server, trouble, said):
    for name, value in trouble.items():
        setattr(server, name, value)
    assert said in refused(run("pull", "vampnet", "--yes"))


def test_a_hub_that_is_not_there_is_one_line(run, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot reach http://127.0.0.1:9" in refused(run("pull", "vampnet", "--yes"))


def test_a_disk_that_is_too_small_is_told_before_the_download(run, server, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    error = refused(run("pull", "vampnet", "--yes"))
    assert "1 MB free" in error
    assert "VAMPBRIDGE_CACHE" in error
    assert server.sent() == []


def test_weights_from_elsewhere_are_not_overwritten_by_a_pull(run, server, cache):
    run("add", PUBLISHED / "dac.pth", "--name", "vampnet")
    assert "were not pulled" in refused(run("pull", "vampnet", "--yes", "--no-convert"))
    assert weights(cache) == {"dac.pth", "source.json"}


def test_a_bundle_from_elsewhere_is_not_overwritten_by_a_pull(run, server, tmp_path):
    run("add", make_hollow_bundle(tmp_path / "mine"), "--name", "vampnet")
    assert "another bundle named 'vampnet'" in refused(run("pull", "vampnet", "--yes"))
    assert read_manifest(resolve("vampnet")).name == "tiny"


def test_a_packaged_codec_says_what_to_do_and_that_works(run, server, exported):
    server.files["codec.pth"] = (PUBLISHED / "toy_package.pth").read_bytes()
    error = refused(run("pull", "vampnet", "--yes"))
    assert "codec.pth is a torch.package archive" in error
    assert error.endswith("vampbridge models convert vampnet codec_weights.pth")
    assert run("convert", "vampnet", PUBLISHED / "codec.pth")[0] == 0
    assert run("pull", "vampnet")[0] == 0
    assert len(exported) == 2
    assert resolve("vampnet") is not None
