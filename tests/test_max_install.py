"""`vampbridge max`: the package goes where Max looks for it, and nothing of anybody else's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from vampbridge.bridge.cli import main
from vampbridge.engine.errors import PathError
from vampbridge.max_patches.place import PACKAGE_FOLDER, install, packages_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def test_the_newest_max_is_found(home: Path) -> None:
    for name in ("Max 8", "Max 9"):
        (home / "Documents" / name / "Packages").mkdir(parents=True)
    assert packages_folder() == home / "Documents" / "Max 9" / "Packages"


def test_without_max_the_error_says_where_it_looked(home: Path) -> None:
    with pytest.raises(PathError, match=r"Max 9.*Max 8.*start Max once.*max install FOLDER"):
        packages_folder()
    assert list(home.iterdir()) == []


def test_a_max_without_packages_gets_its_folder(home: Path) -> None:
    (home / "Documents" / "Max 8").mkdir(parents=True)
    assert packages_folder() == home / "Documents" / "Max 8" / "Packages"
    assert packages_folder().is_dir()


def test_what_the_package_holds_lies_where_max_looks_for_it(tmp_path: Path) -> None:
    target = install(tmp_path)
    assert (target / "package-info.json").is_file()
    for place in ("patchers/vampbridge.maxpat", "patchers/Vampbridge.amxd", "help/vampbridge.maxhelp"):
        assert (target / place).is_file()
    assert (target / "extras" / "Open Vampbridge.maxpat").is_file()  # the name in the Extras menu


def test_an_older_copy_is_replaced_whole(tmp_path: Path) -> None:
    target = install(tmp_path)
    (target / "patchers" / "left over.maxpat").write_text("{}", encoding="utf-8")
    assert install(tmp_path) == target
    copied = {path.relative_to(target) for path in target.rglob("*") if path.is_file()}
    assert copied == {path.relative_to(PACKAGE_FOLDER) for path in PACKAGE_FOLDER.rglob("*") if path.is_file()}
    assert [path.name for path in tmp_path.iterdir()] == ["Vampbridge"]


def test_what_somebody_else_put_there_stays(tmp_path: Path) -> None:
    (tmp_path / "Vampbridge").mkdir()
    (tmp_path / "Vampbridge" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PathError, match="no Vampbridge package"):
        install(tmp_path)
    assert (tmp_path / "Vampbridge" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="must exist"):
        install(tmp_path / "nowhere")


def test_the_command_installs_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import typer
    from vampbridge.max_patches.commands import app

    program = typer.main.get_command(app)
    program.main(args=["install", str(tmp_path)], standalone_mode=False)
    program.main(args=["path"], standalone_mode=False)
    told = capsys.readouterr().out
    assert str(tmp_path / "Vampbridge") in told
    assert "Open Vampbridge" in told
    assert str(PACKAGE_FOLDER) in told
    assert main(["--version"]) == 0
