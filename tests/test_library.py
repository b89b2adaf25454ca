"""The library of models: names mean bundles everywhere, and nothing outside its folder is ever touched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hollow_bundle import make_hollow_bundle
from hypothesis import given
from hypothesis import strategies as st
from vampbridge.engine.bundle import MANIFEST, load_bundle
from vampbridge.engine.errors import BundleError, PathError, SettingError
from vampbridge.engine.library import Library, StoredModel, cache_folder, open_library, resolve
from vampbridge.engine.model_names import folder_of, is_name, name_in
from vampbridge.engine.vamp_effect import open_vamper
from vampbridge.engine.weights_record import KnownFile, WeightsRecord, read_record, sha256_of, write_record

BAD_NAMES = [
    "",
    ".",
    "..",
    "../../x",
    "/etc",
    "a/b/c",
    "a\\b",
    "C:x",
    "a--b",
    "-a",
    ".a",
    "a.",
    "x.zip",
    "a b",
    "a" * 81,
    "a\0",
]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VAMPBRIDGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def library(cache):
    return open_library()


@pytest.fixture
def bundle_folder(tmp_path):
    return make_hollow_bundle(tmp_path / "bundle")


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "coarse.pth"
    path.write_bytes(b"weights")
    return path


def test_the_cache_folder_is_read_from_the_environment_at_every_call(monkeypatch, tmp_path):
    monkeypatch.setenv("VAMPBRIDGE_CACHE", str(tmp_path / "one"))
    assert cache_folder() == tmp_path / "one"
    monkeypatch.setenv("VAMPBRIDGE_CACHE", "~/two")
    assert cache_folder() == Path.home() / "two"
    monkeypatch.delenv("VAMPBRIDGE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "three"))
    assert cache_folder().name == "vampbridge" or sys.platform == "win32"
    if sys.platform == "linux":
        assert cache_folder() == tmp_path / "three" / "vampbridge"


def test_looking_makes_nothing_on_the_disk(library, cache):
    assert [model.name for model in library.models()] == ["default"]
    assert library.find("vampnet") is None
    assert resolve(None) is None
    assert not cache.exists()


def test_the_embedded_model_has_a_name():
    assert resolve("default") is None
    assert resolve(None) is None


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["mine", "vampnet/choir"])
def test_an_added_bundle_is_found_by_its_name(library, bundle_folder, tmp_path, packed, name):
    source = bundle_folder
    if packed:
        source = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", bundle_folder))
    added = library.add_bundle(source, name)
    assert [model.name for model in library.models()] == ["default", name]
    assert resolve(name) == added.bundle
    assert load_bundle(resolve(name)).fingerprint == load_bundle(bundle_folder).fingerprint


def test_an_added_bundle_is_called_as_it_calls_itself(library, bundle_folder):
    assert library.add_bundle(bundle_folder).name == "tiny"


def test_only_the_files_of_a_bundle_are_copied(library, bundle_folder, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(bundle_folder, source)
    (source / "holiday.jpg").write_bytes(b"x")
    bundle = library.add_bundle(source, "mine").bundle
    assert {path.name for path in bundle.iterdir()} == {MANIFEST, *load_bundle(source).manifest.files}


def test_a_damaged_bundle_is_not_added(library, bundle_folder, tmp_path, cache):
    source = tmp_path / "source"
    shutil.copytree(bundle_folder, source)
    (source / "coarse.onnx").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"coarse\.onnx is damaged"):
        library.add_bundle(source)
    assert not cache.exists()


def test_a_path_is_a_bundle_as_before(bundle_folder, monkeypatch):
    assert resolve(bundle_folder) == bundle_folder
    assert resolve(str(bundle_folder)) == bundle_folder
    monkeypatch.chdir(bundle_folder.parent)
    assert resolve("bundle") == bundle_folder
    assert resolve("./bundle") == bundle_folder


def test_a_known_name_comes_before_a_path_and_a_dot_means_the_path(library, bundle_folder, tmp_path, monkeypatch):
    added = library.add_bundle(bundle_folder, "mine")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert resolve("mine") == added.bundle
    assert resolve("./mine") == tmp_path / "mine"


def test_an_unknown_name_lists_the_known_ones_and_says_how_to_get_more(library, bundle_folder):
    library.add_bundle(bundle_folder, "mine")
    with pytest.raises(BundleError, match=r"no model 'yours'.*known names: default, mine.*models pull vampnet"):
        resolve("yours")
    with pytest.raises(BundleError, match="models pull vampnet/choir"):
        resolve("vampnet/choir")


def test_weights_without_a_bundle_say_how_to_make_one(library, checkpoint):
    library.add_checkpoints([checkpoint], "mine")
    with pytest.raises(BundleError, match="vampbridge models convert mine"):
        resolve("mine")


def test_a_vamper_opens_by_name(library, bundle_folder, monkeypatch):
    library.add_bundle(bundle_folder, "mine")
    monkeypatch.setattr("vampbridge.engine.vamper.Vamper", lambda bundle, **_options: bundle)
    assert open_vamper("mine", 1).manifest.name == "tiny"


def test_added_weights_keep_their_hash_and_where_they_came_from(library, checkpoint):
    folder = library.add_checkpoints([checkpoint], "mine", licence="CC0-1.0").checkpoints
    record = read_record(folder)
    assert record.files == {"coarse.pth": KnownFile(7, sha256_of(checkpoint))}
    assert (record.licence, record.origin) == ("CC0-1.0", f"added from {checkpoint.parent}")
    assert record.states(folder, check_hashes=True) == {"coarse.pth": "whole"}


def test_training_runs_are_added_under_the_names_of_their_folders(library, tmp_path):
    runs = [tmp_path / name / "last.pt" for name in ("codec", "coarse")]
    for run in runs:
        run.parent.mkdir()
        run.write_bytes(b"x")
    folder = library.add_checkpoints(runs, "mine").checkpoints
    assert {path.name for path in folder.glob("*.pt")} == {"codec.pt", "coarse.pt"}


def test_a_taken_name_is_refused_and_what_is_there_stays(library, bundle_folder, checkpoint):
    added = library.add_bundle(bundle_folder, "mine")
    with pytest.raises(PathError, match="there is a model 'mine' already"):
        library.add_checkpoints([checkpoint], "mine")
    with pytest.raises(SettingError, match="ships with Vampbridge"):
        library.add_bundle(bundle_folder, "default")
    assert load_bundle(added.bundle)


def test_a_failed_copy_leaves_nothing(library, checkpoint, cache, monkeypatch):
    def fail(*_paths):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(PathError, match="No space left"):
        library.add_checkpoints([checkpoint], "mine")
    assert list((cache / "checkpoints").iterdir()) == []
    assert library.find("mine") is None


def test_two_files_of_one_name_are_refused(library, checkpoint, tmp_path):
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "coarse.pth"
    other.write_bytes(b"x")
    with pytest.raises(PathError, match=r"two checkpoints would have the name coarse\.pth"):
        library.add_checkpoints([checkpoint, other], "mine")


def test_removing_takes_bundle_and_weights_and_leaves_the_others(library, bundle_folder, checkpoint, cache):
    library.add_checkpoints([checkpoint], "mine")
    shutil.copytree(bundle_folder, library.bundle_place("mine"))
    library.add_bundle(bundle_folder, "mine/other")
    library.remove(library.find("mine"))
    assert [model.name for model in library.models()] == ["default", "mine/other"]
    assert checkpoint.exists()
    assert [path.name for path in cache.rglob("mine*")] == ["mine--other"]


def test_the_embedded_model_cannot_be_removed(library):
    with pytest.raises(SettingError, match="cannot be removed"):
        library.remove(library.find("default"))


@pytest.mark.parametrize("name", BAD_NAMES)
def test_no_name_leads_out_of_the_cache(library, name, checkpoint):
    assert library.find(name) is None
    with pytest.raises(SettingError, match="a model's name must be"):
        library.add_checkpoints([checkpoint], name)


def test_nothing_outside_the_cache_is_removed(library, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    for place in (outside, library.root / "bundles" / ".." / ".." / "outside", library.bundles, library.root):
        with pytest.raises(PathError, match="outside the cache"):
            library.remove(StoredModel("x", place))
    assert outside.exists()


def test_a_link_is_removed_and_never_what_it_points_to(library, bundle_folder, tmp_path):
    target = tmp_path / "target"
    shutil.copytree(bundle_folder, target)
    library.bundles.mkdir(parents=True)
    (library.bundles / "linked").symlink_to(target)
    assert resolve("linked") == library.bundles / "linked"
    library.remove(library.find("linked"))
    assert load_bundle(target)
    assert library.find("linked") is None


def test_links_inside_a_model_are_not_followed(library, bundle_folder, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "take.wav").write_bytes(b"x")
    bundle = library.add_bundle(bundle_folder, "mine").bundle
    (bundle / "link").symlink_to(tmp_path / "precious")
    library.remove(library.find("mine"))
    assert (tmp_path / "precious" / "take.wav").exists()


def test_a_folder_that_is_a_link_to_elsewhere_is_left_alone(library, bundle_folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(bundle_folder, elsewhere / "mine")
    library.root.mkdir()
    library.bundles.symlink_to(elsewhere)
    with pytest.raises(PathError, match="outside the cache"):
        library.remove(library.find("mine"))
    assert load_bundle(elsewhere / "mine")


def test_half_written_and_foreign_folders_are_not_listed(library):
    for name in (".mine.1234.partial", "a b", "empty"):
        (library.bundles / name).mkdir(parents=True)
    assert [model.name for model in library.models()] == ["default"]


@given(st.text(max_size=90))
def test_a_name_is_one_folder_right_below_and_back(text):
    if not is_name(text):
        with pytest.raises(SettingError):
            folder_of(text)
        return
    folder = folder_of(text)
    assert Path(folder).name == folder
    assert folder not in {".", ".."}
    assert name_in(folder) == text
    assert Library(Path("/cache")).bundle_place(text).parent == Path("/cache/bundles")


@given(st.from_regex(r"[A-Za-z0-9._/-]{1,20}", fullmatch=True))
def test_likely_names_too(text):
    if is_name(text):
        assert name_in(folder_of(text)) == text
        assert "/" not in folder_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"origin": 1}',
        '{"origin": "a", "licence": "b", "revision": "", "files": {"../x": {}}, "base": []}',
    ],
)
def test_a_record_that_cannot_be_understood_counts_as_none(tmp_path, text):
    (tmp_path / "source.json").write_text(text)
    assert read_record(tmp_path) is None


def test_a_record_comes_back_as_it_was_and_knows_what_is_missing_or_damaged(tmp_path):
    files = {name: KnownFile(3, sha256_of(_written(tmp_path / name, b"abc"))) for name in ("a.pth", "b.pth", "c.pth")}
    record = WeightsRecord("https://hub/x", "CC0-1.0", "1", files, ("codec.pth",))
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    (tmp_path / "b.pth").unlink()
    (tmp_path / "c.pth").write_bytes(b"xyz")
    assert record.states(tmp_path, check_hashes=True) == {"a.pth": "whole", "b.pth": "missing", "c.pth": "damaged"}
    assert record.states(tmp_path, check_hashes=False)["c.pth"] == "unchecked"


def test_names_resolve_without_torch_or_a_network(bundle_folder, library):
    library.add_bundle(bundle_folder, "mine")
    script = (
        "import sys, vampbridge.engine.library as l; l.open_library().models(); assert l.resolve('mine'); "
        "bad = {'torch', 'huggingface_hub', 'onnx', 'onnxruntime', 'socket', 'urllib.request'} & set(sys.modules); "
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _written(path, content):
    path.write_bytes(content)
    return path
