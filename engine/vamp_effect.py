"""A vamp that is called like a pedalboard effect, for scripts and notebooks.

>>> vamp = Vamp("wild", seed=1, period=29)
>>> vamp.temperature = 0.9
>>> variation = vamp(loop, 44100)

It needs the whole loop at once, because every token may depend on every other one: it has the calling convention of a
pedalboard effect, but it is not a streaming plugin and cannot stand inside a `pedalboard.Pedalboard`. Effects before
and after it are given as chains, or called before and after it.
"""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from .audio import MAX_CHANNELS, Audio, as_float32
from .devices import DEFAULT_DEVICE, check_device
from .errors import AudioError, SettingError
from .masks import check_drawn
from .settings import DEFAULT_PRESET, PROMPTS, RANGES, VampSettings, in_proportion, preset, without_prompts
from .take import VampRequest
from .usable import nothing_new

if TYPE_CHECKING:
    from .effects import EffectChain
    from .take import TakeReport
    from .vamper import Vamper

# One call gives one sound back, so there is nowhere to put further takes: call again with another seed.
NOT_SETTABLE = ("variations",)


def open_vamper(bundle: str | Path | None, threads: int, device: str = DEFAULT_DEVICE) -> Vamper:
    """Load a bundle and make it ready to vamp in this process.

    Args:
        bundle: a model's name in the library, or folder or file of a bundle; None takes the one that ships with the
            package.
        threads: CPU threads; 0 lets the runtime choose.
        device: one of devices.DEVICES.

    Raises:
        BundleError: Missing, damaged or of another format version.
        MissingDependencyError: `cuda` was asked for and does not work.
    """
    from .bundle import load_bundle
    from .library import resolve
    from .vamper import Vamper

    return Vamper(load_bundle(resolve(bundle)), threads=threads, device=device)


class Vamp:
    """Varies loops. Every setting but `variations` is a keyword and an attribute; ranges and units: settings.RANGES.

    May be called from several threads; the calls wait for each other.

    Args:
        preset: a name of settings.PRESETS.
        seed: whole number; None draws another one for every call (see `report`).
        bundle: a model's name in the library, or folder or file of a bundle; None takes the one that ships with the
            package. It is loaded by the first call.
        device: `auto`, `cpu` or `cuda`; auto takes a CUDA GPU if it really works.
        before: effects on the loop, for the model to hear: a chain, or the path of its TOML file.
        after: effects on the variation, likewise.
        settings: Any setting but `variations`; it overrides the preset's. With `period` and no `period_width`, as
            large a part of the loop is kept as with the preset; as attributes, both stand by themselves.

    Raises:
        SettingError: A setting that does not exist or is out of range, or a chain that is not one.
    """

    # A misspelt setting must not be taken for a new attribute.
    __slots__ = ("_after", "_before", "_bundle", "_device", "_lock", "_prompts_set", "_report", "_settings", "_vamper")

    if TYPE_CHECKING:  # the properties are made from RANGES below

        def __getattr__(self, name: str) -> int | float | str | bool | None: ...
        def __setattr__(self, name: str, value: object) -> None: ...

    def __init__(
        self,
        preset: str = DEFAULT_PRESET,
        *,
        seed: int | None = None,
        bundle: str | Path | None = None,
        device: str = DEFAULT_DEVICE,
        before: EffectChain | Path | str | None = None,
        after: EffectChain | Path | str | None = None,
        **settings: float | bool | str,
    ) -> None:
        unknown = sorted(set(settings) & set(NOT_SETTABLE))
        if unknown:
            raise SettingError(f"{unknown[0]} cannot be set here, one call makes one take: call again for another")
        self._settings = _preset_settings(preset, {"seed": seed, **settings})
        self._prompts_set = bool(PROMPTS.intersection(settings))
        self._bundle, self._device = bundle, check_device(device)
        self._before = _chain(before)
        self._after = _chain(after)
        self._vamper: Vamper | None = None
        self._report: TakeReport | None = None
        self._lock = threading.Lock()

    @property
    def report(self) -> TakeReport | None:
        """How the last take was made, with its seed; None before the first."""
        return self._report

    def __call__(self, audio: Audio, sample_rate: float, *, mask: ArrayLike | None = None) -> Audio:
        """One variation of a loop, in the same shape; longer by the factor `stretch` if that is not 1.

        Args:
            audio: (C, N) or (N,) float32, full scale ±1. The order is never guessed.
            sample_rate: in Hz, a whole number.
            mask: drawn by hand, (rows, columns) or (columns,), 1 or True = draw anew; rows are codebooks, coarse first.
                It is stretched over the loop and its codebooks. It decides alone, unless a prompt (period, prefix_s …)
                was set beside the preset; then `combine` says how.

        Returns:
            (C, N · stretch) or (N · stretch,) float32.

        Warns:
            UserWarning: Nothing at all is drawn anew; says why and what to do. All that a user should know of the take
                stands in `report.warnings`.

        Raises:
            AudioError: Not usable audio.
            BundleError: The model cannot be loaded.
            SettingError: A chain refuses this sound, or the mask is none.
        """
        loop = as_float32(audio)
        if loop.ndim not in (1, 2):
            raise AudioError(f"audio must have the shape (C, N) or (N,), got {loop.shape}")
        if loop.ndim == 2 and loop.shape[0] > MAX_CHANNELS >= loop.shape[1]:
            raise AudioError(f"audio must have the shape (channels, samples), got {loop.shape}: pass audio.T")
        if sample_rate != int(sample_rate):
            raise AudioError(f"sample rate must be a whole number of Hz, got {sample_rate}")
        with self._lock:
            variation, nothing = self._vamp(loop[None, :] if loop.ndim == 1 else loop, int(sample_rate), mask)
        if nothing:
            warnings.warn(nothing, UserWarning, stacklevel=2)
        return variation[0] if loop.ndim == 1 else variation

    def _vamp(self, audio: Audio, rate: int, mask: ArrayLike | None) -> tuple[Audio, str]:
        """(C, N) float32 to (C, N · stretch) float32, and why nothing is new if so; the caller holds the lock."""
        settings = self._settings if mask is None or self._prompts_set else without_prompts(self._settings)
        drawn = None if mask is None else check_drawn(mask)
        if self._vamper is None:
            self._vamper = open_vamper(self._bundle, 0, self._device)
        if self._before is not None:
            audio = self._before.process(audio, rate, loop=settings.loop)
        request = VampRequest(audio, rate, settings, drawn)
        take = self._vamper.vamp(request)
        self._report = take.report
        nothing = "" if take.report.share_regenerated > 0 else nothing_new(request, 0)
        variation = take.audio[0]  # (C, N · stretch)
        if self._after is not None:
            variation = self._after.process(variation, rate, loop=settings.loop)
        return variation, nothing


def _preset_settings(name: str, changes: dict[str, object]) -> VampSettings:
    return in_proportion(preset(name), changes)


def _chain(given: EffectChain | Path | str | None) -> EffectChain | None:
    if given is None:
        return None
    from .effects import EffectChain, load_chain

    if isinstance(given, (str, Path)):
        return load_chain(Path(given))
    if not isinstance(given, EffectChain):
        raise SettingError(
            f"before and after must be an EffectChain or the path of a .toml file, got {type(given).__name__}"
        )
    return given


def _setting_property(name: str) -> property:
    def get(vamp: Vamp) -> object:
        return getattr(vamp._settings, name)  # noqa: SLF001 - a property of this very class

    def put(vamp: Vamp, value: object) -> None:
        vamp._settings = vamp._settings.changed(**{name: value})  # noqa: SLF001 - as above
        if name in PROMPTS:
            vamp._prompts_set = True  # noqa: SLF001 - as above

    return property(get, put, doc=f"{RANGES[name].help} {RANGES[name].describe().capitalize()}.")


for _name in RANGES:
    if _name not in NOT_SETTABLE:
        setattr(Vamp, _name, _setting_property(_name))
