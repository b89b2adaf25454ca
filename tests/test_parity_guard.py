"""No error of a replay is lost: what breaks a check, a family or a whole set ends in the report and in the status."""

import json

import numpy as np
import pytest
from test_parity import PUBLISHED, TorchOnly, run, some_of
from vampbridge.bridge.cli import main
from vampbridge.export.parity import family_checkpoints, replay
from vampbridge.export.parity.book import Page, Target
from vampbridge.export.parity.families_tokens import check_transformer
from vampbridge.export.parity.fixture_set import read_fixture_set
from vampbridge.export.parity.guard import guarded
from vampbridge.export.parity.torch_side import TorchTokens

ONE, OTHER = (Target("what", "torch", name) for name in ("one", "other"))


def failures(page):
    return {(check.target.array, check.failure) for check in page.checks if check.failure}


def break_off():
    raise ZeroDivisionError("broke off")


def test_an_error_fails_what_has_not_been_checked():
    page = Page("family", ("one", "other"))
    with guarded(page, [ONE, OTHER]):
        page.same(ONE, np.zeros(1), np.zeros(1))
        break_off()
    assert failures(page) == {("other", "ZeroDivisionError: broke off")}


@pytest.mark.parametrize("is_input", [True, False])
def test_an_error_after_the_last_check_is_a_failure_too(is_input):
    page = Page("family", ("one",))
    if is_input:
        page.take("one")
    with guarded(page, [ONE]):
        page.same(ONE, np.zeros(1), np.zeros(1))
        break_off()
    assert failures(page) == {("one", "ZeroDivisionError: broke off")}


def test_an_error_that_no_array_can_carry_is_not_swallowed():
    with pytest.raises(ZeroDivisionError), guarded(Page("family", ()), []):
        break_off()


def test_a_graph_that_cannot_draw_is_a_failure(monkeypatch):
    def refuse(*_arguments, **_more):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(TorchTokens, "sample", refuse)
    arrays = read_fixture_set(PUBLISHED).arrays["transformer"]
    arrays = {name: array for name, array in arrays.items() if name.startswith("coarse_b1_t7_")}
    page = Page("transformer", tuple(arrays))
    check_transformer(page, arrays, TorchOnly())
    (failed,) = (check for check in page.checks if check.failure)
    assert (failed.target.what, failed.target.array) == ("drawn token", "coarse_b1_t7_argmax")
    assert failed.failure == "RuntimeError: no such kernel"


@pytest.mark.parametrize("cases", [[], {"cases": {}}, {"cases": [[]]}, {"cases": [{"name": "case000_inpaint"}]}, 7])
def test_a_list_of_cases_that_is_none_fails_its_family_alone(tmp_path, capsys, cases):
    folder = some_of(tmp_path / "set", "masks.npz", "preprocess.npz", "checkpoints/codec.pth")
    if isinstance(cases, dict) and cases["cases"] == [{"name": "case000_inpaint"}]:
        cases["cases"][0]["name"] = next(name for name in np.load(folder / "masks.npz") if name.startswith("case"))
    (folder / "masks.json").write_text(json.dumps(cases), encoding="utf-8")
    status, found, _ = run(folder, capsys)
    assert status == 1
    assert found["families"]["masks"]["failed"] >= 1
    assert found["families"]["preprocess"]["failed"] == 0
    assert found["families"]["preprocess"]["passed"] > 0


def test_a_family_that_breaks_off_does_not_call_its_arrays_unknown(tmp_path, capsys, monkeypatch):
    folder = some_of(tmp_path / "set", "preprocess.npz", "checkpoints/codec.pth")
    monkeypatch.setitem(replay.FAMILIES, "preprocess", lambda *_: break_off())
    status, found, text = run(folder, capsys)
    assert status == 1
    assert "FAILED preprocess" in text
    assert "ZeroDivisionError: broke off" in text
    assert all("not reached" in reason for reason in found["families"]["preprocess"]["skipped_arrays"].values())


def test_a_checkpoint_that_breaks_the_reader_is_a_failure(tmp_path, capsys, monkeypatch):
    folder = some_of(tmp_path / "set", "preprocess.npz", "checkpoints/codec.pth")
    monkeypatch.setattr(family_checkpoints, "identify", lambda _archive: break_off())
    status, found, _ = run(folder, capsys)
    assert status == 1
    assert [failure["array"] for failure in found["families"]["checkpoints"]["failures"]] == ["codec.pth"]


def test_a_set_of_which_nothing_is_known_does_not_agree(tmp_path, capsys):
    (tmp_path / "set").mkdir()
    np.savez(tmp_path / "set" / "spectra.npz", bins=np.zeros(2))
    assert main(["parity", str(tmp_path / "set")]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["passed"] == 0
    assert "nothing in it could be compared" in captured.err
