"""Reading weights archives: what is in them comes out, and nothing in them ever runs."""

from __future__ import annotations

import contextlib
import pickle
import struct
import zipfile
from collections import OrderedDict, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="needs torch: pip install 'vampbridge[models]'")

import torch
from vampbridge.engine.checkpoints.archives import read_archive, read_outline
from vampbridge.engine.checkpoints.pickles import quoted, read_pickle
from vampbridge.engine.errors import BundleError

CHECKPOINTS = Path(__file__).parent / "fixtures" / "published" / "checkpoints"
ADAPTER = CHECKPOINTS / "coarse_adapter_only.pth"
SIX = struct.pack("<6f", *range(6))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A folder for tests of which hypothesis runs many."""
    return tmp_path_factory.mktemp("archives")


def archive_of(path, contents, *, storage=b"", compression=zipfile.ZIP_STORED):
    """A zip like torch.save's, around any pickle."""
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("archive/data.pkl", contents)
        file.writestr("archive/data/0", storage)
    return path


def text_pickle(value):
    """A value in the text opcodes of protocol 0; strings that start with a lower c are names, as they stand."""
    if isinstance(value, tuple):
        return "(" + "".join(text_pickle(item) for item in value) + "t"
    if isinstance(value, str):
        return value if value.startswith("c") else f"V{value}\n"
    return f"I{value}\n"


def weights_of(*, kind="FloatStorage", count=6, offset=0, shape=(2, 3), strides=(3, 1)):
    """Pickle of {"w": a tensor}, as torch.save has it: a call around a persistent id."""
    storage = text_pickle(("storage", f"ctorch\n{kind}\n", "0", "V", count)) + "Q"
    arguments = f"({storage}{text_pickle(offset)}{text_pickle(shape)}{text_pickle(strides)}I0\n(dt"
    return f"(dVw\nctorch._utils\n_rebuild_tensor_v2\n{arguments}Rs.".encode()


def test_an_archive_is_what_torch_saved(tmp_path):
    shared = torch.arange(12.0).reshape(3, 4)
    state = OrderedDict(
        first=shared,
        transposed=shared.T,
        row=shared[1],
        half=torch.randn(5).half(),
        brain=torch.randn(5).bfloat16(),
        whole=torch.arange(3),
        parameter=torch.nn.Parameter(torch.randn(2, 2)),
        scalar=torch.tensor(2.5),
        empty=torch.empty(0, 4),
    )
    state._metadata = OrderedDict(version=1)
    contents = {"state_dict": state, "metadata": {"kwargs": {"rates": [2, 4], "name": None}}}
    for protocol in (2, 4):
        torch.save(contents, tmp_path / "x.pth", pickle_protocol=protocol)
        archive = read_archive(tmp_path / "x.pth")
        assert archive.kwargs == {"rates": [2, 4], "name": None}
        assert list(archive.state) == list(state)
        for name, value in state.items():
            assert archive.state[name].dtype == value.dtype
            assert torch.equal(archive.state[name], value), name


def test_the_training_log_in_a_published_file_is_no_obstacle():
    archive = read_archive(CHECKPOINTS / "coarse.pth")
    assert archive.kwargs["embedding_dim"] == 64
    assert archive.state["transformer.norm.weight"].shape == (64,)


def test_an_outline_has_every_shape_and_no_weights():
    whole, outline = (read(CHECKPOINTS / "codec.pth") for read in (read_archive, read_outline))
    assert outline.kwargs == whole.kwargs
    assert {name: (value.shape, value.dtype) for name, value in outline.state.items()} == {
        name: (value.shape, value.dtype) for name, value in whole.state.items()
    }
    assert all(value.is_meta for value in outline.state.values())


def test_the_prefix_of_a_compiled_model_is_taken_out(tmp_path):
    weight = torch.ones(2)
    torch.save({"_orig_mod.a.w": weight, "b._orig_mod.w": weight}, tmp_path / "x.pth")
    assert list(read_archive(tmp_path / "x.pth").state) == ["a.w", "b.w"]
    torch.save({"_orig_mod.w": weight, "w": weight}, tmp_path / "x.pth")
    with pytest.raises(BundleError, match="twice"):
        read_archive(tmp_path / "x.pth")


class Attack:
    """Pickles as a call of whatever it is given."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("place", ["alone", "state_dict", "kwargs", "logs"])
def test_nothing_that_a_file_names_is_ever_called(tmp_path, protocol, place):
    victim = tmp_path / "touched"
    attack = Attack(Path.touch, victim)
    contents = {"state_dict": {}, "metadata": {"kwargs": {}, "logs": {}}}
    if place == "alone":
        contents = attack
    elif place == "state_dict":
        contents["state_dict"]["w"] = attack
    else:
        contents["metadata"][place]["x"] = attack
    path = archive_of(tmp_path / "x.pth", pickle.dumps(contents, protocol))
    with pytest.raises(BundleError, match=r"touch|Path|getattr"):
        read_archive(path)
    assert not victim.exists()


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "builtins.getattr", "torch.load", "collections.deque"])
def test_a_name_that_weights_do_not_need_is_refused_by_name(tmp_path, name):
    module, _, function = name.rpartition(".")
    path = archive_of(tmp_path / "x.pth", f"(dVw\nc{module}\n{function}\n(Vtrue\ntRs.".encode())
    with pytest.raises(BundleError, match=f"names '{name}'"):
        read_archive(path)


def test_the_names_that_are_known_cannot_be_turned_against_the_reader(tmp_path):
    known = b"caudiotools.ml.decorators\ndefault_list\n"
    attacks = {
        "attributes of a name": known + b"(dV__call__\nVx\nsb.",
        "a name alone": known + b".",
        "items of a name": b"(dVw\n" + known + b"Va\nVb\nsaudio.",
        "calling a storage type": b"ctorch\nFloatStorage\n(I9\ntR.",
        "calling a number": b"I1\n(tR.",
        "a storage of no type": b"((Vstorage\nI1\nV0\nVcpu\nI6\ntQ.",
        "an unhashable key": b"(d(dV1\ns.",
        "a tuple nested too deep to hash": b"(d" + b")" + b"\x85" * 200_000 + b"I1\ns.",
        "a persistent id of nothing": b"NQ.",
        "an extension": b"\x82\x01.",
        "a memo of billions": b"Nr\xff\xff\xff\xff.",
    }
    for what, contents in attacks.items():
        with pytest.raises(BundleError):
            raise AssertionError(what, read_archive(archive_of(tmp_path / "x.pth", contents)))


@given(st.lists(st.sampled_from(list("()}]0tdlaeusRbQp.qNcI12\n\x85\x86\x93\x94")), max_size=40), st.binary(max_size=8))
def test_any_program_gives_data_or_one_kind_of_error(opcodes, tail):
    with contextlib.suppress(pickle.UnpicklingError):
        read_pickle("".join(opcodes).encode("latin-1") + tail + b".", makers={"a.b": list}, persistent=str)


def test_the_hand_written_weights_of_these_tests_are_read(tmp_path):
    path = archive_of(tmp_path / "x.pth", weights_of(), storage=SIX)
    assert read_archive(path).state["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    path = archive_of(tmp_path / "x.pth", weights_of(offset=1, shape=(2,), strides=(2,)), storage=SIX)
    assert read_archive(path).state["w"].tolist() == [1, 3]


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 7},
        {"count": 999_999_999_999},
        {"count": -6},
        {"count": "6"},
        {"kind": "DoubleStorage"},
        {"kind": "TypedStorage"},
        {"offset": 1},
        {"offset": -1},
        {"shape": (3, 3), "strides": (1, 1)},
        {"shape": (1_000_000, 1_000_000), "strides": (0, 0)},
        {"shape": (-2, -3)},
        {"shape": (10**30,), "strides": (1,)},
        {"shape": "23"},
        {"shape": 6},
        {"shape": (1,) * 5000, "strides": (1,) * 5000},
        {"strides": (99, 1)},
        {"strides": (3,)},
    ],
)
def test_a_tensor_holds_no_more_than_the_file_does(tmp_path, changes):
    path = archive_of(tmp_path / "x.pth", weights_of(**changes), storage=SIX)
    with pytest.raises(BundleError, match=r"checkpoint .*(damaged|TypedStorage)"):
        read_archive(path)


@pytest.mark.parametrize(("kind", "count"), [("IntStorage", 6), ("FloatStorage", 5), ("DoubleStorage", 3)])
def test_every_reference_to_the_same_bytes_is_read_and_checked_as_what_it_says(tmp_path, kind, count):
    def tensor(name, kind, count):
        storage = text_pickle(("storage", f"ctorch\n{kind}\n", "0", "V", count)) + "Q"
        return f"V{name}\nctorch._utils\n_rebuild_tensor_v2\n({storage}I0\n(I3\nt(I1\ntI0\n(dtRs"

    contents = f"(d{tensor('a', 'FloatStorage', 6)}{tensor('b', kind, count)}.".encode()
    path = archive_of(tmp_path / "x.pth", contents, storage=SIX)
    if count == 5:
        with pytest.raises(BundleError, match="expected 20"):
            read_archive(path)
        return
    for state in (read_archive(path).state, read_outline(path).state):
        assert state["a"].dtype == torch.float32
        assert state["b"].dtype == {"IntStorage": torch.int32, "DoubleStorage": torch.float64}[kind]
    assert read_archive(path).state["b"].numpy().tobytes() == SIX[: read_archive(path).state["b"].nbytes]


def test_tensors_over_the_same_bytes_do_not_multiply_them(tmp_path):
    weights = torch.ones(10_000).half()
    torch.save({f"w{index}": weights.view(100, 100) for index in range(2)}, tmp_path / "x.pth")
    assert len(read_archive(tmp_path / "x.pth").state) == 2
    torch.save({f"w{index}": weights.view(100, 100) for index in range(200)}, tmp_path / "x.pth")
    with pytest.raises(BundleError, match="4 times the bytes"):
        read_archive(tmp_path / "x.pth")


def test_a_compressed_zip_is_refused_before_it_unfolds(tmp_path):
    zeros = bytes(64 * 2**20)
    path = archive_of(tmp_path / "x.pth", weights_of(), storage=zeros, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    with pytest.raises(BundleError, match="compressed"):
        read_archive(path)


def test_parts_that_claim_the_same_bytes_are_refused(tmp_path):
    path = archive_of(tmp_path / "x.pth", weights_of(), storage=bytes(10_000))
    with zipfile.ZipFile(path, "a") as file:
        for index in range(1, 4):  # entries of the directory that all point at the first one's bytes
            entry = file.getinfo("archive/data/0")
            again = zipfile.ZipInfo(f"archive/data/{index}")
            again.header_offset, again.file_size, again.compress_size = entry.header_offset, 10_000, 10_000
            again.CRC = entry.CRC
            file.filelist.append(again)
            file.NameToInfo[again.filename] = again
        file._didModify = True
    with pytest.raises(BundleError, match="damaged"):
        read_archive(path)


@given(st.integers(min_value=0, max_value=ADAPTER.stat().st_size - 1))
def test_a_file_cut_off_anywhere_is_refused(scratch, length):
    path = scratch / "cut.pth"
    path.write_bytes(ADAPTER.read_bytes()[:length])
    with pytest.raises(BundleError, match="cannot read checkpoint"):
        read_archive(path)


@given(st.integers(min_value=0, max_value=ADAPTER.stat().st_size - 1), st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_is_noticed_or_changes_no_weight(scratch, position, flip):
    data = bytearray(ADAPTER.read_bytes())
    data[position] ^= flip
    path = scratch / "flipped.pth"
    path.write_bytes(data)
    try:
        archive = read_archive(path)
    except BundleError:
        return
    true = read_archive(ADAPTER)
    assert all(torch.equal(archive.state[name], value) for name, value in true.state.items())


def test_a_package_is_refused_with_the_way_out():
    with pytest.raises(BundleError, match=r"torch\.package") as refusal:
        read_archive(CHECKPOINTS / "toy_package.pth")
    assert "runs the Python code" in str(refusal.value)
    assert "vampbridge models pull vampnet" in str(refusal.value)
    assert "state_dict" in str(refusal.value)


def test_other_files_are_refused_for_what_they_are(tmp_path):
    legacy, script, text = tmp_path / "legacy.pth", tmp_path / "script.pt", tmp_path / "text.pth"
    torch.save({"w": torch.ones(2)}, legacy, _use_new_zipfile_serialization=False)
    with zipfile.ZipFile(script, "w") as file:
        for name in ("data.pkl", "constants.pkl", "code/__torch__.py"):
            file.writestr(f"script/{name}", b"N.")
    text.write_text("no weights")
    empty = archive_of(tmp_path / "empty.pth", b"}.")
    number = archive_of(tmp_path / "number.pth", b"I1\n.")
    reasons = {
        legacy: "before 1.6",
        script: "TorchScript",
        text: "no zip",
        tmp_path: "directory",
        tmp_path / "nowhere.pth": "No such file",
        empty: "holds nothing",
        number: "holds a int",
        CHECKPOINTS / "c2f_training_metadata.pth": "holds logs, kwargs",
    }
    for path, reason in reasons.items():
        with pytest.raises(BundleError, match=reason):
            read_archive(path)


def test_settings_are_plain_values(tmp_path):
    for value in (torch.ones(2), [[[[[1]]]]], {1: 2}):
        torch.save({"state_dict": {"w": torch.ones(2)}, "metadata": {"kwargs": {"x": value}}}, tmp_path / "x.pth")
        with pytest.raises(BundleError, match="no arguments"):
            read_archive(tmp_path / "x.pth")


SHARED = [1]
for _ in range(3):
    SHARED = [SHARED] * 2000


@pytest.mark.parametrize(
    "value", [SHARED, [["x" * 10**6] * 2000] * 2000, 1 << 300_000], ids=["lists", "text", "number"]
)
def test_settings_that_share_their_parts_do_not_multiply_them(tmp_path, value):
    torch.save({"state_dict": {"w": torch.ones(2)}, "metadata": {"kwargs": {"x": value}}}, tmp_path / "x.pth")
    with pytest.raises(BundleError, match="no arguments"):
        read_archive(tmp_path / "x.pth")


@pytest.mark.parametrize("value", ["x" * 10**6, ["x" * 10**6] * 500, list(range(5000))], ids=["text", "texts", "list"])
def test_a_setting_is_quoted_in_few_words(value):
    assert len(quoted(value)) < 400
    assert quoted(value).strip("'[").startswith(str(value).strip("'[")[:5])
    assert (quoted("mask"), quoted(7), quoted((2, 4, 8, 8, 2, 4))) == ("mask", "7", "(2, 4, 8, 8, 2, 4)")


def test_a_log_of_unknown_types_is_refused_by_name(tmp_path):
    log = defaultdict(list, loss=[0.5])
    torch.save({"state_dict": {"w": torch.ones(2)}, "metadata": {"logs": log}}, tmp_path / "x.pth")
    with pytest.raises(BundleError, match="list"):
        read_archive(tmp_path / "x.pth")
