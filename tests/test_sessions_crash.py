"""After a power cut, a kill or a full disk: what was called durable is there, and the rest breaks nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sessions_helpers import INFO, RATE, ForgetfulDisk, layer, same_bits, sound, take
from vampbridge.bridge.errors import DiskFullError
from vampbridge.bridge.looper.messages import Verb
from vampbridge.bridge.sessions import desk
from vampbridge.bridge.sessions.disk import DiskLimits
from vampbridge.bridge.sessions.options import SessionOptions
from vampbridge.bridge.sessions.records import LayerRecord, TakeRecord, record_to_entry
from vampbridge.bridge.sessions.store import create_session, open_session, read_session
from vampbridge.bridge.sessions.writer import SessionWriter

PATIENCE_S = 20
N_KILLS = 20
OPTIONS = SessionOptions(disk=DiskLimits(warn_mb=1, stop_mb=1))


def acknowledged(path):
    """What a process was told is durable; its last line may be torn by the kill."""
    return [line.split() for line in path.read_text().split("\n")[:-1]]


def check_kept(folder, told):
    session = read_session(folder)
    assert session.recovery.lost == session.recovery.strangers == ()
    assert session.recovery.n_missing == session.recovery.n_unreadable == 0
    for kind, run, number in told:
        if kind == "layer":
            assert same_bits(session.layer_audio(int(number), int(run)), sound(int(number), n_frames=2_000))
        else:
            assert same_bits(session.read_take(f"t{run}-{number}"), sound(int(number)))
    return session


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL")
def test_killed_at_random_moments_nothing_durable_is_lost_and_the_session_goes_on(tmp_path):
    folder = tmp_path / "s"
    create_session(folder, INFO).close()
    # One thread, because a process with several may not fork.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "sessions_killer.py", str(folder), str(N_KILLS)]
    subprocess.run(command, cwd=Path(__file__).parent, env=environment, check=True)
    told = [line for path in sorted(tmp_path.glob("told-*")) for line in acknowledged(path)]
    assert len(told) > 2 * N_KILLS
    session = check_kept(folder, told)
    assert 1 < len(session.contents.runs) <= N_KILLS + 1
    again = open_session(folder, INFO)
    assert list(again.folder.glob("audio/.*.part")) == []
    again.append({"kind": "closed"})
    again.close()
    check_kept(folder, told)


def test_a_journal_cut_at_any_byte_of_its_tail_still_gives_every_sound(tmp_path):
    folder = tmp_path / "s"
    session = create_session(folder, INFO)
    starts = []
    for number in range(1, 4):
        starts.append((folder / "journal.jsonl").stat().st_size)
        kept = session.store_sound(LayerRecord(1, number, number, "recording"), sound(number, n_frames=9), RATE)
        session.append(record_to_entry(kept))
    session.close()
    data = (folder / "journal.jsonl").read_bytes()
    for cut in range(starts[0], len(data), 7):
        (folder / "journal.jsonl").write_bytes(data[:cut])
        read = read_session(folder)
        assert [record.key for record in read.contents.layers] == ["L1", "L2", "L3"]
        assert [record.slot for record in read.contents.layers] == [1, 2, 3]  # told by the sounds themselves
        for number in range(1, 4):
            assert same_bits(read.layer_audio(number), sound(number, n_frames=9))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds the paths of open files in /proc")
def test_with_only_what_was_flushed_left_everything_acknowledged_is_there(tmp_path, monkeypatch):
    root = tmp_path / "disk"
    root.mkdir()
    disk = ForgetfulDisk(monkeypatch, root)
    with closing(SessionWriter(create_session(root / "s", INFO), print, OPTIONS)) as writer:
        for number in range(1, 8):
            writer.record_command(Verb(0, "undo", number=number), frame=number)
            writer.record_layer(layer(number), sound(number)).result(PATIENCE_S)
            made = writer.record_take(take(f"t{number}", audio_seed=number), slot=0, layer_id=number)
            made.result(PATIENCE_S)
            left = read_session(disk.cut_power(tmp_path / "left") / "s")
            for earlier in range(1, number + 1):
                assert same_bits(left.layer_audio(earlier), sound(earlier))
                assert same_bits(left.read_take(f"t{earlier}"), sound(earlier))
            assert [command.number for command in left.contents.commands(1)] == list(range(1, number + 1))
            assert left.recovery.sentences() == []
        writer.close()
        assert read_session(disk.cut_power(tmp_path / "left") / "s").contents.is_closed


def test_whatever_a_power_cut_leaves_is_sorted_out_and_told(tmp_path):
    folder = tmp_path / "s"
    session = create_session(folder, INFO)
    for number in range(1, 4):
        kept = session.store_sound(LayerRecord(1, number, 0, "recording"), sound(number), RATE)
        session.append(record_to_entry(kept))
    session.store_sound(TakeRecord(1, "abc", 2, 3, {"seed": 5}), sound(9), RATE)  # and never a line in the journal
    session.close()
    audio = folder / "audio"
    (audio / ".take-def.wav.0123abcd.part").write_bytes(b"RIFF")
    (audio / "layer-1-1.wav").unlink()
    shortened = (audio / "layer-1-2.wav").read_bytes()[:-8]
    (audio / "layer-1-2.wav").write_bytes(shortened)
    (audio / "take-bad.wav").write_bytes(b"")
    (audio / "notes.txt").write_text("mine")
    shutil.copy(audio / "layer-1-3.wav", audio / "layer-1-7.wav")  # says itself that it is another
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"n":5,"kind":"lay')
    for looked in (read_session(folder), open_session(folder, INFO)):
        recovery = looked.recovery
        assert (recovery.found, recovery.lost, recovery.n_damaged) == (("abc",), ("L1", "L2"), 1)
        assert recovery.parts == (".take-def.wav.0123abcd.part",)
        assert recovery.strangers == ("layer-1-7.wav", "notes.txt", "take-bad.wav")
        assert len(recovery.sentences()) == 5
        assert same_bits(looked.layer_audio(3, run=1), sound(3))
        assert same_bits(looked.read_take("abc"), sound(9))
        found = looked.contents.get("abc")
        assert (found.slot, found.layer_id, found.report) == (2, 3, {"seed": 5})
        assert looked.contents.get("L1").audio is None
    looked.append({"kind": "closed"})
    looked.close()
    assert {path.name for path in audio.iterdir()} == {
        *("layer-1-2.wav", "layer-1-3.wav", "layer-1-7.wav", "take-abc.wav", "take-bad.wav", "notes.txt")
    }
    assert (audio / "layer-1-2.wav").read_bytes() == shortened
    third = open_session(folder, INFO)
    assert len(third.contents.notes) == 2  # the second because parts and found are gone
    third.append({"kind": "closed"})
    third.close()
    fourth = open_session(folder, INFO)
    assert len(fourth.contents.notes) == 2  # what was noted once is not noted again
    fourth.close()


def fill(writer, n_most):
    """Hand in takes until one is refused; how many were kept, and why no more."""
    for number in range(n_most):
        made = take(f"t{number}", audio_seed=number)
        error = writer.record(TakeRecord(1, f"t{number}", 0, 1, made.report.to_dict()), made.audio[0], RATE).exception(
            PATIENCE_S
        )
        if error is not None:
            return number, error
    raise AssertionError("the disk never filled up")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux, to mount a small disk")
def test_a_disk_that_is_really_full_stops_the_sound_and_not_the_session(tmp_path, monkeypatch):
    monkeypatch.setattr(desk, "free_bytes", lambda folder: 10**12)  # no warning: the system itself says it is full
    disk, troubles = tmp_path / "disk", []
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount here: {mounted.stderr.decode().strip()}")
    try:
        with closing(SessionWriter(create_session(disk / "s", INFO), troubles.append, OPTIONS)) as writer:
            n_kept, error = fill(writer, 2_000)
            assert isinstance(error, DiskFullError)
            assert n_kept > 50
            for number in (0, 1):
                (disk / "s" / "audio" / f"take-t{number}.wav").unlink()
            assert writer.record_layer(layer(1), sound(1)).exception(PATIENCE_S) is None
            writer.close()
            assert [(trouble.code, trouble.is_over) for trouble in troubles] == [
                ("disk-full", False),
                ("disk-full", True),
            ]
            read = read_session(disk / "s")
            assert read.recovery.lost == ("t0", "t1")
            assert (read.recovery.n_missing, read.recovery.strangers, read.recovery.parts) == (0, (), ())
            assert read.contents.is_closed
            assert all(same_bits(read.read_take(f"t{number}"), sound(number)) for number in range(2, n_kept))
            assert same_bits(read.layer_audio(1), sound(1))
            assert read.contents.get(f"t{n_kept}").report["seed"] == 7
    finally:
        subprocess.run(["umount", "-l", disk], check=True)  # lazily: another run may be looking at the folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of file size")
def test_a_file_that_may_not_grow_is_left_out_whole_and_the_next_ones_are_kept(tmp_path):
    import resource

    troubles = []
    with closing(SessionWriter(create_session(tmp_path / "s", INFO), troubles.append, OPTIONS)) as writer:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64_000, before[1]))
        try:
            too_big = writer.record_layer(layer(1), sound(1, n_frames=50_000)).exception(PATIENCE_S)
            small = writer.record_layer(layer(2), sound(2)).exception(PATIENCE_S)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert isinstance(too_big, DiskFullError)
        assert small is None
        writer.close()
        read = read_session(tmp_path / "s")
        assert [path.name for path in (tmp_path / "s" / "audio").iterdir()] == ["layer-1-2.wav"]
        assert (read.contents.get("L1").audio, read.recovery.sentences()) == (None, [])
        assert [(trouble.code, trouble.is_over) for trouble in troubles] == [("disk-full", False), ("disk-full", True)]
