"""What the tests of sessions share: sounds, takes, and a disk that forgets what was not flushed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
from vampbridge.bridge.looper.config import LooperConfig
from vampbridge.bridge.looper.messages import LayerClosed
from vampbridge.bridge.sessions import durable
from vampbridge.bridge.sessions.records import RunInfo
from vampbridge.engine.settings import preset
from vampbridge.engine.take import Take, TakeReport

INFO = RunInfo(LooperConfig(sample_rate=48_000, n_slots=4), device="a card", bundle="default", bundle_sha256="ab" * 32)
RATE = 48_000


def sound(seed=0, n_frames=500, n_channels=2):
    """Noise (C, N) float32; any seed, any length."""
    return np.random.default_rng(seed).standard_normal((n_channels, n_frames)).astype(np.float32)


def odd_sound():
    """What arithmetic would change: NaNs with a payload, infinities, denormals, both zeros."""
    words = [0x7FC00001, 0x7F800001, 0xFFC12345, 0x7F800000, 0xFF800000, 1, 0x80000001, 0, 0x80000000, 0x3F800000]
    return np.array([words, words[::-1]], dtype=np.uint32).view(np.float32)


def take(take_id="abc", *, seed=7, n_variations=1, lineage=(), audio_seed=1, **changes):
    """A take as the engine gives it."""
    settings = preset("wild").changed(seed=seed, **changes)
    report = TakeReport(take_id, seed, settings, "default", "cd" * 32, lineage, 12, 0.5, {"coarse": 0.25}, ("Hm.",))
    audio = np.stack([sound(audio_seed + number) for number in range(n_variations)])
    return Take(audio, RATE, np.random.default_rng(seed).random((4, 13)) > 0.5, report)


def layer(layer_id, *, slot=0, parent=0, kind="recording", frame=0):
    """A layer as the looper tells of it."""
    return LayerClosed(frame, slot, layer_id, parent, kind, 500)


def same_bits(one, other):
    """Whether two sounds are the same to the bit, NaNs too."""
    return one.dtype == other.dtype == np.float32 and one.shape == other.shape and one.tobytes() == other.tobytes()


class ForgetfulDisk:
    """A disk that after a power cut has only what was flushed: bytes by file, names by folder.

    Stricter than any real one: what was not flushed is always gone. Put in the place of `sync_file` and `sync_folder`.
    """

    def __init__(self, monkeypatch, root: Path) -> None:
        self._root = root
        self._bytes: dict[int, bytes] = {}  # inode → what is durable of it
        self._names: dict[Path, dict[str, tuple[int, bool]]] = {}  # folder → name → inode, is a folder
        monkeypatch.setattr(durable, "sync_file", self.sync_file)
        for module in ("store", "durable"):
            monkeypatch.setattr(f"vampbridge.bridge.sessions.{module}.sync_folder", self.sync_folder)
        monkeypatch.setattr("vampbridge.bridge.sessions.journal.sync_file", self.sync_file)

    def sync_file(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        self._bytes[os.fstat(descriptor).st_ino] = path.read_bytes()

    def sync_folder(self, folder: Path) -> None:
        self._names[folder] = {path.name: (path.stat().st_ino, path.is_dir()) for path in folder.iterdir()}

    def cut_power(self, into: Path) -> Path:
        """What is left, as a new folder."""
        self._rebuild(self._root, into)
        return into

    def _rebuild(self, folder: Path, into: Path) -> None:
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        for name, (inode, is_folder) in self._names.get(folder, {}).items():
            if is_folder:
                self._rebuild(folder / name, into / name)
            else:
                (into / name).write_bytes(self._bytes.get(inode, b""))
