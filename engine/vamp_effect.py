"""A vamp that is called like a pedalboard effect, for scripts and notebooks.

>>> vamp = Vamp("wild", seed=1)
>>> vamp.temperature = 0.9
>>> variation = vamp(loop, 44100)

It needs the whole loop at once, because every token may depend on every other one: it has the calling convention of a
pedalboard effect, but it is not a streaming plugin and cannot stand inside a `pedalboard.Pedalboard`. Effects before
and after it are given as chains, or called before and after it.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .audio import Audio
from .errors import AudioError
from .settings import DEFAULT_PRESET, RANGES, VampSettings, preset
from .take import VampRequest

if TYPE_CHECKING:
    from .effects import EffectChain
    from .take import TakeReport
    from .vamper import Vamper

# One call gives one sound back, so there is nowhere to put further takes: call again with another seed.
NOT_SETTABLE = ("variations",)


def open_vamper(bundle: Path | None, threads: int) -> Vamper:
    """Load a bundle and make it ready to vamp in this process.

    Args:
        bundle: folder or file of a model bundle; None takes the one that ships with the package.
        threads: CPU threads; 0 lets the runtime choose.

    Raises:
        BundleError: Missing, damaged or of another format version.
    """
    from .bundle import load_bundle
    from .vamper import Vamper

    return Vamper(load_bundle(bundle), threads=threads)


class Vamp:
    """Varies loops. Every setting but `variations` is an attribute, with the range and unit of settings.RANGES.

    May be called from several threads; the calls wait for each other.

    Args:
        preset: a name of settings.PRESETS.
        seed: whole number; None draws another one for every call (see `report`).
        bundle: folder or file of a model bundle; None takes the one that ships with the package. It is loaded by the
            first call.
        before: effects on the loop, for the model to hear.
        after: effects on the variation.
    """

    # A misspelt setting must not be taken for a new attribute.
    __slots__ = ("_after", "_before", "_bundle", "_lock", "_report", "_settings", "_vamper")

    if TYPE_CHECKING:  # the properties are made from RANGES below

        def __getattr__(self, name: str) -> int | float | str | bool | None: ...
        def __setattr__(self, name: str, value: object) -> None: ...

    def __init__(
        self,
        preset: str = DEFAULT_PRESET,
        *,
        seed: int | None = None,
        bundle: Path | None = None,
        before: EffectChain | None = None,
        after: EffectChain | None = None,
    ) -> None:
        self._settings = _preset_settings(preset, seed)
        self._bundle = bundle
        self._before = before
        self._after = after
        self._vamper: Vamper | None = None
        self._report: TakeReport | None = None
        self._lock = threading.Lock()

    @property
    def report(self) -> TakeReport | None:
        """How the last take was made, with its seed; None before the first."""
        return self._report

    def __call__(self, audio: Audio, sample_rate: float) -> Audio:
        """One variation of a loop, in the same shape; longer by the factor `stretch` if that is not 1.

        Args:
            audio: (C, N) or (N,) float32, full scale ±1. The order is never guessed.
            sample_rate: in Hz, a whole number.

        Returns:
            (C, N · stretch) or (N · stretch,) float32.

        Raises:
            AudioError: Not usable audio.
            BundleError: The model cannot be loaded.
            SettingError: A chain refuses this sound.
        """
        loop = np.asarray(audio, dtype=np.float32)
        if loop.ndim not in (1, 2):
            raise AudioError(f"audio must have the shape (C, N) or (N,), got {loop.shape}")
        if sample_rate != int(sample_rate):
            raise AudioError(f"sample rate must be a whole number of Hz, got {sample_rate}")
        with self._lock:
            variation = self._vamp(loop[None, :] if loop.ndim == 1 else loop, int(sample_rate))
        return variation[0] if loop.ndim == 1 else variation

    def _vamp(self, audio: Audio, rate: int) -> Audio:
        """(C, N) float32 to (C, N · stretch) float32; the caller holds the lock."""
        settings = self._settings
        if self._vamper is None:
            self._vamper = open_vamper(self._bundle, 0)
        if self._before is not None:
            audio = self._before.process(audio, rate, loop=settings.loop)
        take = self._vamper.vamp(VampRequest(audio, rate, settings))
        self._report = take.report
        variation = take.audio[0]  # (C, N · stretch)
        return variation if self._after is None else self._after.process(variation, rate, loop=settings.loop)


def _preset_settings(name: str, seed: int | None) -> VampSettings:
    return preset(name).changed(seed=seed)


def _setting_property(name: str) -> property:
    def get(vamp: Vamp) -> object:
        return getattr(vamp._settings, name)  # noqa: SLF001 - a property of this very class

    def put(vamp: Vamp, value: object) -> None:
        vamp._settings = vamp._settings.changed(**{name: value})  # noqa: SLF001 - as above

    return property(get, put, doc=f"{RANGES[name].help} {RANGES[name].describe().capitalize()}.")


for _name in RANGES:
    if _name not in NOT_SETTABLE:
        setattr(Vamp, _name, _setting_property(_name))
