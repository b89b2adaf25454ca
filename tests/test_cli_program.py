"""The program `vampbridge`: help, wrong command lines, Ctrl-C while it loads; no models."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from types import SimpleNamespace

import pytest
from vampbridge.bridge.cli import main


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Missing argument 'IN'. Type: vampbridge render my-loop.wav my-vamp.wav (vampbridge render --help"),
        (
            ["a.wav"],
            "Missing argument 'OUT'. Type: vampbridge render my-loop.wav my-vamp.wav (vampbridge render --help",
        ),
        (["a.wav", "b.wav", "--perod", "3"], "No such option"),
        (["a.wav", "b.wav", "--period"], "--period"),
        (["a.wav", "b.wav", "--period", "x"], "period must be a whole number from 0 to 128 frames, got 'x'"),
        (["a.wav", "b.wav", "--random-keep", "50"], "random_keep must be a share from 0 to 1, got 50\n"),
        (["a.wav", "b.wav", "--seed", "any"], "seed must be a whole number from 0 to 9223372036854775807, got 'any'"),
        (["a.wav", "b.wav", "--threads", "-1"], "threads must be a whole number from 0 to 256 threads, got -1"),
        (["a.wav", "b.wav", "--bpm", "120"], "No such option: --bpm (Possible options: --tempo-bpm)"),
        (["a.wav", "b.wav", "--period-beats", "1"], "--period-beats counts beats of --tempo-bpm: add --tempo-bpm"),
        (["a.wav", "b.wav", "--period-beats", "1", "--tempo-bpm", "0"], "add --tempo-bpm with more than 0"),
        (
            ["a.wav", "b.wav", "--period-beats", "0", "--tempo-bpm", "90"],
            "period_beats must be a number from 0.0625 to 32 beats",
        ),
        (
            ["a.wav", "b.wav", "--period-beats", "1", "--tempo-bpm", "301", "--period", "3"],
            "tempo_bpm must be a number from 0 to 300",
        ),
        (
            ["a.wav", "b.wav", "--period-beats", "1", "--tempo-bpm", "90", "--period", "3"],
            "either --period or --period-beats",
        ),
        (["a.wav", "b.wav", "--seed", "9" * 5000], "seed must be a whole number from 0 to 9223372036854775807, got"),
        (["a.wav", "b.wav", "--preset", "tame"], "preset must be one of faithful"),
        (["a.wav", "b.xyz"], "must end in one of"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(capsys, args, message):
    assert main(["render", *args]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (["session", "export", "latest"], "vampbridge session export SESSION OUT"),
        (["train", "tokens"], "vampbridge train tokens "),
        (["models", "pull"], "vampbridge models pull NAME"),
    ],
)
def test_an_argument_that_is_left_out_is_answered_by_a_whole_command_line(capsys, args, shown):
    assert main(args) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: Missing argument ")
    assert f". Type: {shown}" in captured.err
    assert captured.err.count("\n") == 1


def test_debug_shows_where_an_error_was_raised(tmp_path, capsys):
    assert main(["render", "gone.wav", str(tmp_path / "out.wav")]) == 2
    assert "Traceback" not in capsys.readouterr().err
    for args in (
        ["--debug", "render", "gone.wav", str(tmp_path / "out.wav")],
        ["render", "gone.wav", str(tmp_path / "out.wav"), "--debug"],
    ):
        assert main(args) == 2
        assert "Traceback" in capsys.readouterr().err


def test_without_arguments_the_help_is_shown(capsys):
    assert main([]) == 0
    shown = capsys.readouterr().out
    summaries = shown.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in summaries[:4]] == ["demo", "render", "live", "serve"]
    assert not [line for line in summaries if line.endswith("...")]


def raise_it():
    raise ImportError("no module named 'theirs'")


def of_no_type(numbers: list[list[int]]):
    """A command that typer cannot make."""


@pytest.mark.parametrize("load", [raise_it, lambda: 7, lambda: of_no_type], ids=range(3))
def test_a_broken_plugin_is_one_warning_and_costs_no_other_command(monkeypatch, capsys, caplog, load):
    good = importlib.metadata.entry_points(group="vampbridge.commands")
    broken = SimpleNamespace(name="theirs", load=load, dist=None)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: [*good, broken])
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in ("render", "export", "models", "parity", "train"))
    assert "  theirs" not in shown
    (record,) = caplog.records
    assert "'theirs'" in record.message
    assert ("no module named" in record.message) == (load is raise_it)


@pytest.mark.parametrize("command", ["", "demo", "render", "serve", "train", "export", "parity"])
def test_h_is_help_everywhere(capsys, command):
    assert main([*command.split(), "-h"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: vampbridge {command}".rstrip())


def test_a_group_without_its_command_shows_what_it_has(capsys):
    assert main(["train"]) == 0
    shown = capsys.readouterr().out
    assert all(stage in shown for stage in ("codec", "tokens", "coarse", "fine"))


@pytest.mark.parametrize("args", [["--threads", "two"], ["--threads=two"]])
def test_a_wrong_value_is_said_as_it_was_typed(capsys, tmp_path, args):
    assert main(["train", "codec", str(tmp_path), str(tmp_path), *args]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: --threads: ")
    assert error.endswith(", got 'two'\n")


def test_ctrl_c_while_it_loads_is_one_line_and_status_130():
    program = """if True:
        import os, signal, sys
        class Interrupt:
            def find_spec(self, name, *_):
                if name == "typer":
                    os.kill(os.getpid(), signal.SIGINT)
        sys.meta_path.insert(0, Interrupt())
        from vampbridge.bridge.start import main
        sys.exit(main())
    """
    done = subprocess.run([sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_the_program_ends_with_the_status_of_main(tmp_path):
    program = "import sys; from vampbridge.bridge.start import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "render", "gone.wav", str(tmp_path / "o.wav")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: there is no file gone.wav\n"
