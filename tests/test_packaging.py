"""What an install promises: every package and data file, one onnxruntime, no torch, and a README that works."""

from __future__ import annotations

import ast
import importlib.metadata
import itertools
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from source_tree import FOLDERS, ROOT_NAME, imports_of, read_modules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
STDLIB = set(sys.stdlib_module_names) | {"tomllib"}  # from Python 3.11 on; before, tomli is asked for
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
EXTRAS = {extra: [Requirement(line) for line in lines] for extra, lines in PROJECT["optional-dependencies"].items()}
CORE = [Requirement(line) for line in PROJECT["dependencies"]]

PLATFORMS = [
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("darwin", "arm64"),
    ("darwin", "x86_64"),
    ("win32", "AMD64"),
    ("win32", "ARM64"),
]
HAS_GPU_PACKAGE = {("linux", "x86_64"), ("win32", "AMD64")}

# Where the import name is not the name on the package index.
DISTRIBUTION = {
    "dac": "descript-audio-codec",
    "jack": "JACK-Client",
    "onnxruntime": "onnxruntime-gpu",
    "rtmidi": "python-rtmidi",
    "pythonosc": "python-osc",
}


def names(requirements: list[Requirement]) -> set[str]:
    """The normalised names of requirements."""
    return {canonicalize_name(requirement.name) for requirement in requirements}


def applies(requirement: Requirement, platform: tuple[str, str]) -> bool:
    """Whether a requirement's marker holds on (sys_platform, platform_machine)."""
    environment = {"sys_platform": platform[0], "platform_machine": platform[1]}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def folder_of(package: str) -> Path:
    """The folder of a listed package, by setuptools' mapping."""
    top, *rest = package.removeprefix(f"{ROOT_NAME}.").split(".")
    return ROOT.joinpath(SETUPTOOLS["package-dir"][f"{ROOT_NAME}.{top}"], *rest)


def test_every_subpackage_reaches_the_wheel() -> None:
    found = {
        ".".join([ROOT_NAME, *init.parent.relative_to(ROOT).parts])
        for folder in FOLDERS
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert set(SETUPTOOLS["packages"]) == found


def test_no_python_file_lies_outside_the_packages() -> None:
    listed = {folder_of(package) for package in SETUPTOOLS["packages"]}
    files = {path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    assert {path for path in files if path.parent not in listed} == set()


def test_every_data_file_reaches_the_wheel() -> None:
    shipped = {
        path
        for package, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
        for path in folder_of(package).glob(pattern)
    }
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z", *FOLDERS], cwd=ROOT, capture_output=True, check=False
    )
    if tracked.returncode == 0:
        there = {ROOT / name.decode() for name in tracked.stdout.split(b"\0") if name}
    else:  # an unpacked archive: every file counts
        there = {path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()}
    data = {path for path in there if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert data - shipped == set()


@pytest.mark.parametrize("platform", PLATFORMS, ids="-".join)
def test_every_platform_gets_exactly_one_onnxruntime(platform: tuple[str, str]) -> None:
    runtimes = [r for r in CORE if r.name.startswith("onnxruntime") and applies(r, platform)]
    assert [r.name for r in runtimes] == ["onnxruntime-gpu" if platform in HAS_GPU_PACKAGE else "onnxruntime"]


@pytest.mark.parametrize(("extra", "platform"), list(itertools.product(EXTRAS, PLATFORMS)), ids=str)
def test_no_extra_brings_the_other_onnxruntime(extra: str, platform: tuple[str, str]) -> None:
    brought = {r.name for r in EXTRAS[extra] if r.name.startswith("onnxruntime") and applies(r, platform)}
    assert brought <= ({"onnxruntime-gpu"} if platform in HAS_GPU_PACKAGE else set())


def test_the_core_install_has_nothing_of_the_extras() -> None:
    others = set().union(*(names(requirements) for extra, requirements in EXTRAS.items() if extra != "cuda"))
    assert others - names(CORE) == others
    assert "torch" in others


def test_torch_stays_below_the_release_that_clashes() -> None:
    (torch,) = (r for r in EXTRAS["models"] if r.name == "torch")
    assert torch.specifier.contains("2.13.0")
    assert not torch.specifier.contains("2.14.0")
    assert not torch.specifier.contains("2.7.1")


def test_nothing_depends_on_what_breaks_installs() -> None:
    wanted = names(CORE).union(*(names(requirements) for requirements in EXTRAS.values()))
    assert not wanted & {"torchaudio", "descript-audiotools", "scipy", "numba"}
    assert "descript-audio-codec" not in names(EXTRAS["dev"])


def test_what_is_under_the_gpl_is_installed_by_its_own_extra_only() -> None:
    (own,) = (r for r in EXTRAS["dev"] if r.name == ROOT_NAME)
    assert names(EXTRAS["link"]) == {"aalink"}
    assert [extra for extra, lines in EXTRAS.items() if "aalink" in names(lines)] == ["link"]
    assert "link" not in own.extras
    assert "aalink" not in names(CORE)


def test_dev_holds_all_that_the_tests_import() -> None:
    (own,) = (r for r in EXTRAS["dev"] if r.name == ROOT_NAME)
    available = names(CORE) | names(EXTRAS["dev"]).union(*(names(EXTRAS[extra]) for extra in own.extras))
    local = {path.stem for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")} | {ROOT_NAME}
    used: set[str] = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                used.add(node.module.split(".")[0])
    third_party = used - STDLIB - local
    assert {n for n in third_party if canonicalize_name(DISTRIBUTION.get(n, n)) not in available} == set()


def test_every_imported_library_is_a_declared_dependency() -> None:
    declared = names(CORE).union(
        *(names(EXTRAS[extra]) for extra in ("models", "onset", "plot", "dac", "max", "midi", "link"))
    )
    modules = read_modules(ROOT)
    undeclared = {
        f"{module.path}: {library}"
        for module in modules.values()
        for found in imports_of(module, set(modules))
        if (library := found.target.split(".")[0]) not in STDLIB
        and library != ROOT_NAME
        and canonicalize_name(DISTRIBUTION.get(library, library)) not in declared
    }
    assert undeclared == set()


def test_the_console_script_points_at_a_function() -> None:
    module_name, function = PROJECT["scripts"]["vampbridge"].split(":")
    modules = read_modules(ROOT)
    assert module_name in modules
    module = modules[module_name]
    defined = {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    exported = {
        alias.asname or alias.name
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert function in defined | exported


def test_the_version_stands_in_one_place() -> None:
    assert importlib.metadata.version(ROOT_NAME) == PROJECT["version"], "stale install: pip install -e '.[dev]'"
    version = re.compile(rf"(?<![\d.]){re.escape(PROJECT['version'])}(?![\d.])")
    sources = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in sources if version.search(path.read_text(encoding="utf-8"))] == []


def test_the_changelog_has_room_for_the_next_change() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("marker", ["perform", "develop"])
def test_ci_runs_the_readmes_own_lines(marker: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(rf"<!-- ci:{marker} -->\n```(?:bash|sh)\n(.+)\n```\n", readme)
    assert len(commands) == 1, f"README.md must hold `<!-- ci:{marker} -->` once, before a block of one line"
    done = subprocess.run([ROOT / ".ci" / "readme-line", marker], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == commands[0]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f'-c "$("$checkout/.ci/readme-line" {marker})"' in ci


def test_a_readme_without_the_line_stops_ci() -> None:
    done = subprocess.run([ROOT / ".ci" / "readme-line", "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ci:nothing" in done.stderr


def test_the_walkthrough_in_contributing_works() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    names_there: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "CONTRIBUTING.md", "exec"), names_there)  # noqa: S102 - our own page
    tests = [value for name, value in names_there.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_lint_exceptions_name_their_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    codes = [line for line in lines if re.match(r'\s*"[A-Z]+\d*",', line)]
    assert len(codes) > len(PYPROJECT["tool"]["ruff"]["lint"]["ignore"])
    assert [line for line in codes if not re.search(r",\s+# \S+", line)] == []
    one_line = [line for line in lines if fnmatch(line, '"*" = ?"[A-Z]*"]*') and "#" not in line]
    assert one_line == []
