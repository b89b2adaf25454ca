"""What the tests of `vampbridge models` share: an empty cache, a hub with the published files, an export that is quick.

The export itself takes its time and has its own tests; here it recognises the real files and writes a hollow bundle.
"""

from contextlib import contextmanager
from pathlib import Path

from hollow_bundle import make_hollow_bundle
from stand_in_hub import StandInHub, running
from vampbridge.bridge.cli import main
from vampbridge.export import checkpoints as export_module
from vampbridge.export import model_commands
from vampbridge.export.hub import Hub
from vampbridge.export.placing import new_bundle
from vampbridge.export.sources import find_sources, origin_of

PUBLISHED = Path(__file__).parent / "fixtures" / "published" / "checkpoints"


def empty_cache(monkeypatch, tmp_path):
    """Point the library at a folder that does not exist yet; returns it."""
    monkeypatch.setenv("VAMPBRIDGE_CACHE", str(tmp_path / "cache"))
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


def quick_export(monkeypatch):
    """Replace the export; returns the list that the files and options of each one go into."""
    calls = []

    def export(files, out, options, *, on_stage):
        calls.append(([path.name for path in files], options))
        sources = find_sources(files)
        origin = {"weights": options.origin} | origin_of(sources, None)
        with new_bundle(out, overwrite=options.overwrite) as folder:
            make_hollow_bundle(folder, name=options.name, licence=options.licence, origin=origin)
        on_stage("exporting")

    monkeypatch.setattr(export_module, "export_checkpoints", export)
    return calls


@contextmanager
def published_hub(monkeypatch):
    """A hub with small files of the published formats, which the command line is pointed at."""
    files = {name: (PUBLISHED / name).read_bytes() for name in ("codec.pth", "coarse.pth", "c2f.pth")}
    files["wavebeat.pth"] = b"beats" * 1000
    files["loras/choir/coarse.pth"] = (PUBLISHED / "coarse_adapter_only.pth").read_bytes()
    files["loras/whole/coarse.pth"] = files["coarse.pth"]
    files["loras/whole/c2f.pth"] = files["c2f.pth"]
    with running(StandInHub(files)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setattr(model_commands, "Hub", lambda name: Hub(name, pause_s=0, timeout_s=5))
        yield hub


def models_line(capsys, *args):
    """Run one command line; returns its status, what it printed and what it said on stderr."""
    capsys.readouterr()
    status = main(["models", *map(str, args)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def refused(result):
    """The one line of an error that `models_line` returned."""
    status, _, err = result
    assert status == 2
    assert err.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in err
    return err.splitlines()[-1]
