"""`vampbridge parity` on the numbers of the public programs, and on sets that are wrong, odd or unknown."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.bridge.cli import main
from vampbridge.engine.checkpoints.published import read_vampnet, read_waveform_codec
from vampbridge.export.parity.book import Page, Target
from vampbridge.export.parity.decode_cases import check_cases, check_seeded
from vampbridge.export.parity.decode_set import DecodeSet
from vampbridge.export.parity.families_codec import check_codec
from vampbridge.export.parity.families_tokens import check_transformer
from vampbridge.export.parity.fixture_set import read_fixture_set
from vampbridge.export.parity.torch_side import TorchCodec, TorchTokens

PUBLISHED = Path(__file__).parent / "fixtures" / "published"
CHECKPOINTS = PUBLISHED / "checkpoints"
BOTH = {"torch", "ort"}
HERE = Target("what", "torch", "array")


def run(folder, capsys):
    """Exit status, the JSON object of the last line, and everything that was printed."""
    status = main(["parity", str(folder)])
    text = capsys.readouterr().out
    return status, json.loads(text.splitlines()[-1]) if text.strip() else None, text


def some_of(folder, *names):
    """A new set with some files of the published one."""
    folder.mkdir()
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(PUBLISHED / name, folder / name)
    return folder


def changed(folder, family, change):
    """Rewrite the arrays of one family."""
    path = folder / f"{family}.npz"
    arrays = dict(np.load(path))
    change(arrays)
    np.savez(path, **arrays)


@pytest.fixture(scope="module")
def published():
    """The published set."""
    return read_fixture_set(PUBLISHED)


class TorchOnly:
    """The published models without ONNX Runtime, whose graphs take seconds to make."""

    def __init__(self):
        self._codec = read_waveform_codec(CHECKPOINTS / "codec.pth")

    def codec(self, _name):
        return self._codec

    def codec_sides(self, _name):
        return (TorchCodec(self._codec),)

    def tokens(self, name):
        return read_vampnet(CHECKPOINTS / f"{name}.pth", self._codec.quantizer.codebooks)

    def token_sides(self, name):
        return (TorchTokens(self.tokens(name)),)


@pytest.fixture(scope="module")
def torch_only():
    return TorchOnly()


def test_every_published_number_is_reproduced_by_torch_and_by_onnx_runtime(capsys):
    status, found, text = run(PUBLISHED, capsys)
    assert (status, found["failed"]) == (0, 0), [f["failures"] for f in found["families"].values()]
    assert found["passed"] == sum(family["passed"] for family in found["families"].values()) > 1000
    for family in ("transformer", "lora", "codec_lac", "codec_dac", "decode", "sampling"):
        assert {check["side"] for check in found["families"][family]["checks"]} >= BOTH
        assert family in text
    assert found["families"]["masks"]["passed"] >= 140
    # Nothing is left out but what has a reason.
    assert {name for family in found["families"].values() for name in family["skipped_arrays"]} == {
        "c2f_training_metadata.pth",
        "onset_strength",
        "package_codes",
        "package_recon",
    }
    assert any("refused" in check["what"] for check in found["families"]["checkpoints"]["checks"])


def test_every_array_of_the_readme_is_accounted_for(published):
    # The README lists what the files hold; the command accounts for what the files hold.
    listed = {(file, name) for file, name in published.notes}
    assert listed == {(file, name) for file, arrays in published.arrays.items() for name in arrays}


@pytest.mark.parametrize("name", ["case045_periodic_mask", "case139_build_mask", "apply_mask_out", "s2t_table"])
def test_a_changed_mask_is_reported_with_its_place_and_ends_in_status_1(name, tmp_path, capsys):
    folder = some_of(tmp_path / "set", "masks.npz", "masks.json", "README.md")

    def change(arrays):
        arrays[name].flat[7] += 1

    changed(folder, "masks", change)
    status, found, text = run(folder, capsys)
    assert (status, found["failed"]) == (1, 1)
    (failure,) = found["families"]["masks"]["failures"]
    assert failure["array"] == name
    assert f"FAILED masks/{name}" in text
    assert "wanted" in failure["reason"]
    assert "got" in failure["reason"]


@pytest.mark.parametrize(
    ("name", "error"), [("a_out", 1e-3), ("b_lufs_mono44k", 2e-3), ("c_mono44k_length", 1), ("e_peak_normalised", 1e-3)]
)
def test_a_changed_sound_is_reported(name, error, tmp_path, capsys):
    folder = some_of(tmp_path / "set", "preprocess.npz", "checkpoints/codec.pth")

    def change(arrays):
        arrays[name] = arrays[name] + np.asarray(error).astype(arrays[name].dtype)

    changed(folder, "preprocess", change)
    status, found, _ = run(folder, capsys)
    assert status == 1
    assert {failure["array"] for failure in found["families"]["preprocess"]["failures"]} == {name}


@pytest.mark.parametrize("kind", ["logits", "argmax", "latents", "top2gap"])
def test_a_changed_number_of_a_transformer_is_reported(kind, published, torch_only):
    case = "coarse_b1_t7"
    arrays = {name: array.copy() for name, array in published.arrays["transformer"].items() if name.startswith(case)}
    arrays[f"{case}_{kind}"].flat[5] += 1
    page = Page("transformer", tuple(arrays))
    check_transformer(page, arrays, torch_only)
    failed = {check.target.array: check.failure for check in page.checks if check.failure}
    assert list(failed) == [f"{case}_{kind}"]
    place = [int(i) for i in np.unravel_index(5, arrays[f"{case}_{kind}"].shape)]
    assert failed[f"{case}_{kind}"].startswith(f"{place}: wanted ")


@pytest.mark.parametrize("kind", ["result", "num_to_mask", "step_masks", "margin"])
def test_a_changed_pass_of_a_decoding_is_reported(kind, published, torch_only):
    case = "case11_coarse_b1_t7_random_s36"
    arrays = {name: array.copy() for name, array in published.arrays["decode"].items() if name.startswith(case)}
    arrays[f"{case}_{kind}"].flat[3] += 1
    page = Page("decode", tuple(arrays))
    check_cases(page, DecodeSet(replaced(published, "decode", arrays)), torch_only)
    assert [check.target.array for check in page.checks if check.failure] == [f"{case}_{kind}"]


def test_a_changed_code_is_reported(published, torch_only):
    names = ("audio", "padded_length", "codes", "lengths")
    arrays = {name: published.arrays["codec_lac"][name].copy() for name in names}
    arrays["audio"] = arrays["audio"][:, :, :8000]
    arrays["padded_length"] = np.array(8448)
    arrays["codes"] = TorchCodec(torch_only.codec("")).encode(np.pad(arrays["audio"], ((0, 0), (0, 0), (0, 448))))
    arrays["codes"][0, 2, 3] += 1
    page = Page("codec_lac", names)
    check_codec(page, replaced(published, "codec_lac", arrays), torch_only)
    failed = [check for check in page.checks if check.failure]
    assert [check.target.array for check in failed] == ["codes"]
    assert failed[0].failure.startswith("[0, 2, 3]: wanted ")


def replaced(fixtures, family, arrays):
    return type(fixtures)(fixtures.folder, {family: arrays}, fixtures.cases, fixtures.notes)


def test_seeded_draws_without_a_note_of_their_seed_are_skipped_with_the_reason(published, torch_only):
    page = Page("decode", ())
    silent = type(published)(published.folder, published.arrays, published.cases, {})
    check_seeded(page, DecodeSet(silent), torch_only)
    assert page.checks == []
    assert set(page.skipped) == {"seeded_default_result", "seeded_top_p_result", "seeded_cutoff_result"}
    assert all("seed" in reason for reason in page.skipped.values())


def test_what_is_unknown_is_skipped_with_a_reason_and_never_passed_over(tmp_path, capsys):
    folder = some_of(tmp_path / "set", "masks.npz", "masks.json", "README.md")
    cases = json.loads((folder / "masks.json").read_text(encoding="utf-8"))
    case = {"name": "case900_swirl", "function": "swirl", "args": {}, "inputs": {}, "note": ""}
    cases["cases"].append(case)
    (folder / "masks.json").write_text(json.dumps(cases), encoding="utf-8")

    def change(arrays):
        arrays["case900_swirl"] = np.zeros((1, 2, 3), dtype=np.uint8)
        arrays["surprise"] = np.zeros(3)

    changed(folder, "masks", change)
    np.savez(folder / "spectra.npz", bins=np.zeros(2))
    status, found, text = run(folder, capsys)
    assert status == 0
    assert found["families"]["masks"]["skipped_arrays"].keys() == {"case900_swirl", "surprise", "onset_strength"}
    assert found["families"]["spectra"]["skipped_arrays"].keys() == {"bins"}
    assert all(name in text for name in ("case900_swirl", "surprise", "bins"))


def test_random_prompts_that_the_set_does_not_record_are_skipped_with_the_reason(tmp_path, capsys):
    folder = some_of(tmp_path / "set", "masks.npz", "masks.json", "README.md")
    cases = json.loads((folder / "masks.json").read_text(encoding="utf-8"))
    for case in cases["cases"]:
        if case["function"] == "dropout":
            case["args"]["p"] = 0.5
    (folder / "masks.json").write_text(json.dumps(cases), encoding="utf-8")
    status, found, _ = run(folder, capsys)
    assert status == 0
    assert "drawn at random" in found["families"]["masks"]["skipped_arrays"]["case109_dropout"]


def test_a_missing_checkpoint_is_a_failure_with_words_and_no_crash(tmp_path, capsys):
    folder = some_of(tmp_path / "set", "preprocess.npz")
    status, found, _ = run(folder, capsys)
    assert status == 1
    reasons = {failure["reason"] for failure in found["families"]["preprocess"]["failures"]}
    assert all("codec.pth" in reason for reason in reasons)
    assert found["families"]["preprocess"]["inputs"] == 12


@pytest.mark.parametrize("make", ["nothing", "a file", "empty", "broken", "no names", "bad json"])
def test_what_is_no_set_ends_in_status_2_with_one_line(make, tmp_path, capsys):
    folder = tmp_path / "set"
    if make == "a file":
        folder.write_text("x", encoding="utf-8")
    elif make != "nothing":
        folder.mkdir()
    if make == "broken":
        (folder / "masks.npz").write_bytes((PUBLISHED / "masks.npz").read_bytes()[:3000])
    elif make == "no names":
        with (folder / "masks.npz").open("wb") as file:
            np.save(file, np.zeros(3))
    elif make == "bad json":
        shutil.copy(PUBLISHED / "masks.npz", folder)
        (folder / "masks.json").write_text("{", encoding="utf-8")
    assert main(["parity", str(folder)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert str(folder) in captured.err


shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)


@given(shapes, st.integers(0, 2**32 - 1), st.sampled_from([1.0, np.nan, np.inf, -np.inf]))
@settings(max_examples=60, deadline=None)
def test_any_single_changed_number_is_found_and_named(shape, seed, error):
    rng = np.random.default_rng(seed)
    wanted = rng.standard_normal(shape)
    place = tuple(int(rng.integers(n)) for n in shape)
    got = wanted.copy()
    got[place] += error
    for tolerance in (0.0, 0.5):
        page = Page("family", ("array",))
        page.close(HERE, wanted, wanted.copy(), tolerance=tolerance)
        page.close(HERE, wanted, got, tolerance=tolerance)
        good, bad = page.checks
        assert good.failure == ""
        assert bad.failure.startswith(f"{list(place)}: wanted ")


def test_infinities_agree_only_with_their_own():
    page = Page("family", ("array",))
    page.close(HERE, np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf]), tolerance=0.1)
    page.close(HERE, np.array([np.inf]), np.array([-np.inf]), tolerance=0.1)
    page.close(HERE, np.array([np.nan]), np.array([np.nan]), tolerance=0.1)
    page.close(HERE, np.zeros(2), np.zeros(3), tolerance=0.1)
    assert [bool(check.failure) for check in page.checks] == [False, True, True, True]
