"""Effect chains before and after a vamp, read from a TOML file. The only file that imports pedalboard.

A chain is a list of tables, applied from the first to the last::

    [[effect]]
    name = "Compressor"          # any effect that comes with pedalboard, by its class name
    threshold_db = -20
    ratio = 4

    [[effect]]
    plugin = "MyReverb.vst3"     # a VST3 (or, on macOS, an Audio Unit), relative to the TOML file
    plugin_name = "MyReverb"     # only where one file holds several
    mix = 0.4
"""

import ast
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
from pedalboard.io import AudioFile

from .audio import Audio, check_audio
from .errors import PathError, SettingError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore] # mypy checks for 3.10, also on 3.11

# A loop is sent through the chain for at least this long before the round that is kept.
WARM_UP_S = 6.0


@dataclass(frozen=True)
class Parameter:
    """One parameter of an effect that comes with pedalboard.

    Attributes:
        annotation: its type as pedalboard writes it.
        required: whether it must be given.
    """

    annotation: str
    required: bool


class EffectChain:
    """Effects in a row, applied to a whole loop or a whole one-shot.

    Args:
        effects: pedalboard plugins, first to last; the chain owns them.
    """

    def __init__(self, effects: Sequence[pedalboard.Plugin]) -> None:
        self._effects = tuple(effects)

    def __len__(self) -> int:
        return len(self._effects)

    def process(self, audio: Audio, rate: int, *, loop: bool) -> Audio:
        """The same audio through every effect; exactly as long, with the effects' latency taken out.

        A loop is played round and round into the chain for at least 6 s, at least once, and the round after that is
        kept: the tail of a reverb or an echo runs over the end into the start, and a compressor is settled. What moves
        by its own clock (chorus, phaser) does not close at the seam. A one-shot is played once and its tail is cut at
        its end.

        Args:
            audio: (C, N) float32.
            rate: in Hz.
            loop: whether the end meets the start.

        Returns:
            (C, N) float32.

        Raises:
            AudioError: Not usable audio.
            SettingError: An effect refuses this rate or channel count, or gives NaN or infinite samples.
        """
        check_audio(audio, rate)
        n_samples = audio.shape[1]
        n_rounds = 1 + max(1, math.ceil(WARM_UP_S * rate / n_samples)) if loop else 1
        wet = np.tile(audio.astype(np.float32), (1, n_rounds))  # (C, N · rounds)
        for effect in self._effects:
            wet = _run(effect, wet, rate)
        return np.ascontiguousarray(wet[:, -n_samples:])


def _run(effect: pedalboard.Plugin, audio: Audio, rate: int) -> Audio:
    name = type(effect).__name__
    for parameter in ("cutoff_frequency_hz", "centre_frequency_hz", "cutoff_hz"):
        value = getattr(effect, parameter, None)
        # pedalboard takes any number here, and answers with silence or NaN.
        if isinstance(value, int | float) and not 0 < value < rate / 2:
            raise SettingError(f"{name}: {parameter} must be between 0 and {rate / 2:g} Hz at this rate, got {value:g}")
    try:
        wet = np.asarray(effect.process(audio, float(rate), reset=True), dtype=np.float32)
    except (ValueError, RuntimeError) as error:
        raise SettingError(f"{name}: {_first_line(error)}") from error
    if wet.shape != audio.shape:
        raise SettingError(f"{name} gave {wet.shape} samples for {audio.shape}: it cannot be part of a chain")
    if not np.isfinite(wet).all():
        raise SettingError(f"{name} gave NaN or infinite samples: its parameters do not suit this sound")
    return wet


def builtin_effects() -> dict[str, type[pedalboard.Plugin]]:
    """The effects that come with pedalboard, by class name."""
    containers = (pedalboard.PluginContainer, pedalboard.ExternalPlugin)
    found = {
        name: value
        for name, value in vars(pedalboard).items()
        if isinstance(value, type) and issubclass(value, pedalboard.Plugin) and not issubclass(value, containers)
    }
    bases = {base for value in found.values() for base in value.__mro__[1:]}  # these cannot be made themselves
    return {name: found[name] for name in sorted(found) if found[name] not in bases and not name.startswith("_")}


def parameters_of(effect: type[pedalboard.Plugin]) -> dict[str, Parameter]:
    """Keyword parameters of an effect, read from its signature.

    pedalboard is compiled: `inspect.signature` finds nothing, but the first line of the constructor's docstring is
    the signature, written as Python apart from the defaults of enums (`<Mode.LPF12: 0>`).
    """
    line = (effect.__init__.__doc__ or "").strip().splitlines()[0]
    function = ast.parse(f"def {re.sub('<[^>]*>', '...', line)}: ...").body[0]
    if not isinstance(function, ast.FunctionDef):  # pragma: no cover - ast.parse of a def gives a def
        raise TypeError(line)
    arguments = function.args.args[1:]  # without self
    n_required = len(arguments) - len(function.args.defaults)
    return {
        argument.arg: Parameter(ast.unparse(argument.annotation) if argument.annotation else "", index < n_required)
        for index, argument in enumerate(arguments)
    }


def load_chain(path: Path) -> EffectChain:
    """Read a chain from a TOML file (see the top of this module).

    Raises:
        PathError: The file, or one that it names, is not there.
        SettingError: Not TOML, or an effect, parameter or value that does not exist; lists those that do.
    """
    path = Path(path)
    if path.is_dir():
        raise PathError(f"an effect chain must be a .toml file, got the folder {path}")
    if not path.is_file():
        raise PathError(f"there is no effect chain {path}")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not TOML: {_first_line(error)}") from error
    tables = document.pop("effect", None)
    if document or not isinstance(tables, list) or not tables or not all(isinstance(item, dict) for item in tables):
        wrong = f"got {', '.join(document)}" if document else "got none"
        raise SettingError(f"{path} must hold [[effect]] tables and nothing else, {wrong}")
    return EffectChain(
        [_make_effect(dict(table), path.parent, f"{path}, effect {number}") for number, table in enumerate(tables, 1)]
    )


def _make_effect(table: dict[str, Any], folder: Path, where: str) -> pedalboard.Plugin:
    """One effect of a table; `where` stands before what is wrong with it."""
    try:
        return _make_plugin(table, folder) if "plugin" in table else _make_builtin(table, folder)
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from error


def _make_builtin(table: dict[str, Any], folder: Path) -> pedalboard.Plugin:
    if "name" not in table:
        raise SettingError("an effect needs `name` (one that comes with pedalboard) or `plugin` (a file)")
    name = table.pop("name")
    known = builtin_effects()
    if name not in known:
        raise SettingError(f"there is no effect {name!r}; there are: {', '.join(known)}")
    parameters = parameters_of(known[name])
    _check_names(name, table, parameters)
    missing = [key for key, parameter in parameters.items() if parameter.required and key not in table]
    if missing:
        raise SettingError(f"{name} needs {missing[0]}")
    values = {key: _value(f"{name}.{key}", value, parameters[key], folder) for key, value in table.items()}
    try:
        return known[name](**values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise SettingError(f"{name}: {_first_line(error)} Got {_written(table)}") from error


def _make_plugin(table: dict[str, Any], folder: Path) -> pedalboard.Plugin:
    file, plugin_name = table.pop("plugin"), table.pop("plugin_name", None)
    path = folder / str(file)
    if not path.exists():
        raise PathError(f"there is no plugin {path}")
    try:
        # pedalboard adds what a plugin can do when it loads it, so its stubs do not know it.
        plugin: Any = pedalboard.load_plugin(str(path), plugin_name=plugin_name)  # type: ignore[attr-defined]
    except (ImportError, ValueError, RuntimeError) as error:
        raise SettingError(f"{path} could not be loaded: {' '.join(str(error).split())}") from error
    if not plugin.is_effect:
        raise SettingError(f"{path} is an instrument: it makes sound but takes none")
    _check_names(plugin.name, table, plugin.parameters)
    try:
        for key, value in table.items():
            setattr(plugin, key, value)
    except (TypeError, ValueError, AttributeError) as error:
        raise SettingError(f"{plugin.name}: {_first_line(error)} Got {_written(table)}") from error
    loaded: pedalboard.Plugin = plugin
    return loaded


def _check_names(effect: str, table: dict[str, Any], known: dict[str, Any]) -> None:
    for key in table:
        if key not in known:
            raise SettingError(f"{effect} has no parameter {key!r}; it has: {', '.join(known) or 'none'}")


def _value(name: str, value: object, parameter: Parameter, folder: Path) -> object:
    """A TOML value as pedalboard wants it."""
    if parameter.annotation == "bool":
        if not isinstance(value, bool):
            raise SettingError(f"{name} must be true or false, got {value!r}")
        return value
    if "float" in parameter.annotation and "str" not in parameter.annotation:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise SettingError(f"{name} must be a finite number, got {value!r}")
        return float(value)
    if "str" in parameter.annotation:
        file = folder / str(value)
        if not file.is_file():
            raise PathError(f"{name}: there is no file {file}")
        return str(file)
    return _choice(name, value, parameter.annotation)


def _choice(name: str, value: object, annotation: str) -> object:
    """A word of one of pedalboard's enums, such as `pedalboard_native.LadderFilter.Mode`."""
    _, owner, kind = annotation.split(".")
    members: dict[str, Enum] = getattr(getattr(pedalboard, owner), kind).__members__
    if value not in members:
        raise SettingError(f"{name} must be one of {', '.join(members)}, got {value!r}")
    return members[str(value)]


def decode_file(path: Path, check: Callable[[int, int, int], None]) -> tuple[Audio, int]:
    """Decode a file that only pedalboard reads.

    Args:
        path: the file.
        check: called with samples, rate in Hz and channels before anything is decoded; raises to refuse.

    Returns:
        (C, N) float32 and its rate in Hz.

    Raises:
        ValueError: Not a format that pedalboard reads on this system.
    """
    with AudioFile(str(path)) as file:
        check(file.frames, round(file.samplerate), file.num_channels)
        return np.asarray(file.read(file.frames), dtype=np.float32), round(file.samplerate)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _written(table: dict[str, Any]) -> str:
    return ", ".join(f"{key} = {value!r}" for key, value in table.items()) or "no parameters"
