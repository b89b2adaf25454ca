"""`vampbridge max`: puts the Max package where Max finds it. Needs neither Max nor py2max."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .place import PACKAGE_FOLDER, PACKAGE_NAME, install, packages_folder

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="The package for Max and the device for Ableton Live.",
)

FolderArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[FOLDER]", help="Folder of packages; without it that of Max in your documents."),
]


@app.command("install")
def install_package(folder: FolderArgument = None) -> None:
    """Copy the package into Max's folder of packages. A copy from before is replaced."""
    target = install(packages_folder() if folder is None else folder)
    typer.echo(f"installed {target}")
    typer.echo(f"in Max: Extras > Open {PACKAGE_NAME}; in Live: drag {target / 'patchers' / (PACKAGE_NAME + '.amxd')}")


@app.command("path")
def show_path() -> None:
    """Print where the package lies in this installation."""
    typer.echo(str(PACKAGE_FOLDER))
