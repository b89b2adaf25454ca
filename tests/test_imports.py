"""The house rules that a reader can check: who imports whom, how long a module is, who prints."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest
from source_tree import FOLDERS, ROOT_NAME, Import, Module, imports_of, read_modules

ROOT = Path(__file__).resolve().parent.parent
MODULES = read_modules(ROOT)

# A folder may import itself and these. bridge and export never meet.
LAW = {
    "engine": set(),
    "bridge": {"engine"},
    "export": {"engine"},
    "max_patches": {"engine", "bridge"},
}

MAX_LINES = 350
MAY_PRINT = ("bridge/cli/*", "engine/training/*")


@dataclass(frozen=True)
class Rule:
    """Where a heavy library may be imported.

    Attributes:
        where: patterns of paths.
        max_files: how many files may import it: the rest sees a small interface.
        late: whether only inside functions, because importing it can fail or is slow.
    """

    where: tuple[str, ...]
    max_files: int = 1
    late: bool = False


ANYWHERE_WITH_TORCH = ("engine/nets/*", "engine/training/*", "engine/checkpoints/*", "export/*")
ANY_NUMBER = 10_000

HEAVY = {
    "aalink": Rule(("bridge/clock/link.py",), late=True),
    "mido": Rule(("bridge/clock/midi_port.py",), late=True),
    "rtmidi": Rule(()),
    "librosa": Rule(("engine/*",), late=True),
    "matplotlib": Rule(("engine/*", "export/*"), late=True),
    # One file runs graphs; the other only borrows the package's quantiser when a bundle is made.
    "onnxruntime": Rule(("engine/sessions.py", "export/precision.py"), max_files=2),
    "pedalboard": Rule(("engine/*", "bridge/*")),
    "pythonosc": Rule(("bridge/*",)),
    "sounddevice": Rule(("bridge/*",), late=True),
    # Two each: the one that performs and the one that reads training data, which has no user to be polite to.
    "soundfile": Rule(("engine/*", "bridge/*"), max_files=2),
    "soxr": Rule(("engine/*",), max_files=2),
    "dac": Rule(()),
    "torchaudio": Rule(()),
    "audiotools": Rule(()),
    "huggingface_hub": Rule(()),
    "safetensors": Rule(ANYWHERE_WITH_TORCH, max_files=ANY_NUMBER),
    "onnx": Rule(("export/*",), max_files=ANY_NUMBER),
    "onnxscript": Rule(("export/*",), max_files=ANY_NUMBER),
    "websockets": Rule(("bridge/oscquery/service.py",)),
    "zeroconf": Rule(("bridge/oscquery/announce.py",)),
    "ifaddr": Rule(("bridge/oscquery/announce.py",)),
    "torch": Rule(ANYWHERE_WITH_TORCH, max_files=ANY_NUMBER),
}

# What `import vampbridge.x` must not load: the command line answers at once, and a missing library is an error message.
NEVER_AT_IMPORT = ("torch", "onnxruntime", "sounddevice", "librosa", "matplotlib", "onnx", "pedalboard")
LIGHT_MODULES = [
    name for name in ("vampbridge.engine", "vampbridge.bridge", "vampbridge.bridge.cli") if name in MODULES
]


def folder_of(dotted: str) -> str | None:
    """The folder that an import name lies in, None for another library."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == ROOT_NAME and len(parts) > 1 else None


def lawless_imports(modules: dict[str, Module]) -> list[str]:
    """Imports from a folder into one that the law does not name; late imports count too."""
    return [
        f"{module.path} imports {found.target}"
        for module in modules.values()
        for found in imports_of(module, set(modules))
        if (to := folder_of(found.target)) is not None
        and to != (here := module.path.split("/")[0])
        and to not in LAW[here]
    ]


def import_time_graph(modules: dict[str, Module]) -> dict[str, set[str]]:
    """Module name → names that are imported while it is, of the product and of other libraries."""
    return {
        name: {found.target for found in imports_of(module, set(modules)) if not found.late} - {name}
        for name, module in modules.items()
    }


def find_cycle(modules: dict[str, Module]) -> list[str]:
    """One cycle of modules that import each other while being imported; empty if there is none."""
    try:
        graphlib.TopologicalSorter(import_time_graph(modules)).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Everything that is imported, over any number of steps, while `start` is."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), set()) - seen:
            seen.add(target)
            waiting.append(target)
    return seen


def misplaced_imports(modules: dict[str, Module], library: str, rule: Rule) -> list[str]:
    """How the imports of one library break its rule."""
    users: dict[str, list[Import]] = {}
    for module in modules.values():
        found = [item for item in imports_of(module, set(modules)) if item.target.split(".")[0] == library]
        if found:
            users[module.path] = found
    broken = [f"{path} may not import {library}" for path in users if not any(fnmatch(path, p) for p in rule.where)]
    if len(users) > rule.max_files:
        broken.append(f"{library} is imported by {sorted(users)}, at most {rule.max_files} may")
    if rule.late:
        broken += [
            f"{path} imports {library} at its top" for path, uses in users.items() if not all(u.late for u in uses)
        ]
    return broken


def prints(module: Module) -> list[int]:
    """The line numbers of calls of the builtin `print`."""
    return [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_there_is_something_to_check() -> None:
    assert {folder_of(name) for name in MODULES} == set(FOLDERS) == set(LAW)
    assert "vampbridge.engine.errors" in MODULES


def test_bridge_and_export_meet_only_in_the_engine() -> None:
    assert lawless_imports(MODULES) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert find_cycle(MODULES) == []


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_a_heavy_library_is_imported_in_its_place_only(library: str) -> None:
    assert misplaced_imports(MODULES, library, HEAVY[library]) == []


def test_performing_needs_no_torch() -> None:
    graph = import_time_graph(MODULES)
    performing = [m for m in MODULES.values() if not any(fnmatch(m.path, p) for p in ANYWHERE_WITH_TORCH)]
    extras = {"torch", "onnx", "onnxscript", "safetensors", "huggingface_hub", "librosa", "matplotlib", "dac"}
    for module in performing:
        loaded = {target.split(".")[0] for target in reachable(module.name, graph)}
        assert not loaded & extras, f"importing {module.name} imports {sorted(loaded & extras)}"


@pytest.mark.parametrize("name", LIGHT_MODULES)
def test_importing_loads_no_heavy_library_and_starts_no_thread(name: str) -> None:
    check = (
        f"import sys, threading, {name}; "
        f"heavy = sorted(set({NEVER_AT_IMPORT}) & set(sys.modules)); "
        "assert not heavy, heavy; assert threading.active_count() == 1, threading.enumerate()"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_module_is_longer_than_350_lines() -> None:
    files = [path for folder in (*FOLDERS, "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_only_the_command_line_and_training_print() -> None:
    silent = [module for module in MODULES.values() if not any(fnmatch(module.path, p) for p in MAY_PRINT)]
    assert {module.path: lines for module in silent if (lines := prints(module))} == {}


# The checks above pass on a clean tree. These show that they fail on a dirty one.


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty product, to be filled with offences."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def test_a_lawless_import_is_seen_however_it_is_written(tree: Path) -> None:
    for number, line in enumerate(
        (
            "from ..bridge import slots",
            "from .. import bridge",
            "import vampbridge.bridge.slots",
            "def f():\n    from vampbridge.bridge import slots",
            "import importlib\nimportlib.import_module('vampbridge.bridge.slots')",
        )
    ):
        (tree / "export" / f"m{number}.py").write_text(line, encoding="utf-8")
    (tree / "bridge" / "slots.py").write_text("from ..engine import units\nfrom . import x", encoding="utf-8")
    (tree / "engine" / "units.py").write_text("from __future__ import annotations", encoding="utf-8")
    found = lawless_imports(read_modules(tree))
    assert [text.split()[0] for text in found] == [f"export/m{n}.py" for n in range(5)]


def test_a_circle_is_seen_and_a_late_import_breaks_it(tree: Path) -> None:
    (tree / "engine" / "a.py").write_text("from . import b", encoding="utf-8")
    (tree / "engine" / "b.py").write_text("from .a import f", encoding="utf-8")
    assert {"vampbridge.engine.a", "vampbridge.engine.b"} == set(find_cycle(read_modules(tree)))
    (tree / "engine" / "b.py").write_text("def g():\n    from .a import f", encoding="utf-8")
    assert find_cycle(read_modules(tree)) == []


def test_a_heavy_import_in_the_wrong_place_file_or_time_is_seen(tree: Path) -> None:
    rule = Rule(("bridge/*",), max_files=1, late=True)
    (tree / "bridge" / "a.py").write_text("def f():\n    import sounddevice", encoding="utf-8")
    assert misplaced_imports(read_modules(tree), "sounddevice", rule) == []
    (tree / "bridge" / "a.py").write_text("import sounddevice as sd", encoding="utf-8")
    (tree / "engine" / "b.py").write_text("from sounddevice import query_devices", encoding="utf-8")
    assert misplaced_imports(read_modules(tree), "sounddevice", rule) == [
        "engine/b.py may not import sounddevice",
        "sounddevice is imported by ['bridge/a.py', 'engine/b.py'], at most 1 may",
        "engine/b.py imports sounddevice at its top",
        "bridge/a.py imports sounddevice at its top",
    ]


def test_torch_is_seen_through_other_modules(tree: Path) -> None:
    (tree / "engine" / "nets.py").write_text("import torch.nn", encoding="utf-8")
    (tree / "engine" / "plan.py").write_text("from .nets import x", encoding="utf-8")
    (tree / "bridge" / "slots.py").write_text("from ..engine import plan", encoding="utf-8")
    assert "torch.nn" in reachable("vampbridge.bridge.slots", import_time_graph(read_modules(tree)))


def test_a_print_is_seen_and_a_method_of_that_name_is_not(tree: Path) -> None:
    (tree / "engine" / "a.py").write_text("x.print()\nprint('x')", encoding="utf-8")
    assert prints(read_modules(tree)["vampbridge.engine.a"]) == [2]
