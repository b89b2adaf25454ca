"""What is left of a bundle in the library is told, can be removed, and blocks its name no longer than that."""

import shutil
from pathlib import Path

import pytest
from hollow_bundle import make_hollow_bundle
from vampbridge.engine.bundle import MANIFEST, load_bundle
from vampbridge.engine.errors import BundleError, PathError
from vampbridge.engine.library import open_library, resolve


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("VAMPBRIDGE_CACHE", str(tmp_path / "cache"))
    return open_library()


@pytest.fixture
def bundle_folder(tmp_path):
    return make_hollow_bundle(tmp_path / "bundle")


def without_manifest(place):
    (place / MANIFEST).unlink()


def with_unreadable_manifest(place):
    (place / MANIFEST).write_text('{"format":')


def with_folder_for_manifest(place):
    without_manifest(place)
    (place / MANIFEST).mkdir()


def cut_in_the_middle(place):
    place.write_bytes(place.read_bytes()[:200])


def with_a_broken_directory(place):
    content = place.read_bytes()
    place.write_bytes(content.replace(b"PK\x01\x02", b"PK\x01\x00"))


def as_a_link_to_nowhere(place):
    shutil.rmtree(place)
    place.symlink_to(place.parent / "nowhere")


RUINS = {
    without_manifest: False,
    with_unreadable_manifest: False,
    with_folder_for_manifest: False,
    as_a_link_to_nowhere: False,
    cut_in_the_middle: True,
    with_a_broken_directory: True,
}


@pytest.mark.parametrize(("ruin", "packed"), RUINS.items())
def test_a_damaged_bundle_is_listed_refused_and_removed(library, bundle_folder, tmp_path, ruin, packed):
    source = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", bundle_folder)) if packed else bundle_folder
    ruin(library.add_bundle(source, "mine").bundle)
    assert [model.name for model in library.models()] == ["default", "mine"]
    with pytest.raises(PathError, match=r"damaged model 'mine'.*vampbridge models remove mine"):
        library.add_bundle(bundle_folder, "mine")
    with pytest.raises(BundleError, match=r"'mine' is damaged: .*vampbridge models remove mine"):
        resolve("mine")
    library.remove(library.find("mine"))
    assert library.find("mine") is None
    library.add_bundle(bundle_folder, "mine")
    assert load_bundle(resolve("mine"))


def test_a_damaged_bundle_with_weights_is_made_anew_of_them(library, bundle_folder, tmp_path):
    (tmp_path / "coarse.pth").write_bytes(b"weights")
    library.add_checkpoints([tmp_path / "coarse.pth"], "mine")
    shutil.copytree(bundle_folder, library.bundle_place("mine"))
    without_manifest(library.bundle_place("mine"))
    with pytest.raises(BundleError, match="vampbridge models convert mine --force"):
        resolve("mine")


def test_an_empty_folder_blocks_no_name(library, bundle_folder, tmp_path):
    (library.bundles / "mine").mkdir(parents=True)
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", bundle_folder))
    added = library.add_bundle(packed, "mine")
    assert library.find("mine") == added
    (library.bundles / "yours").mkdir()
    assert load_bundle(library.add_bundle(bundle_folder, "yours").bundle)
