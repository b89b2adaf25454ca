"""What happens in the patches when somebody plays: run message by message, against the protocol table."""

from __future__ import annotations

from typing import Any

import pytest
from max_player import DEVICE, FOLDER, MAIN, Player, accepted
from vampbridge.bridge.protocol import INCOMING, SET_PREFIX
from vampbridge.engine.settings import PRESETS, PROMPTS, RANGES
from vampbridge.max_patches.building.parameters import DIALS


@pytest.fixture(params=["Max", "Live"])
def player(request: pytest.FixtureRequest) -> Player:
    return Player(MAIN if request.param == "Max" else DEVICE).connect()


@pytest.fixture
def device() -> Player:
    return Player(DEVICE).connect()


def test_a_vamp_is_a_preset_then_every_dial_then_the_file(player: Player) -> None:
    player.record()
    sent = player.vamp()
    addresses = [message[0] for message in sent]
    assert addresses[0] == "/vamp/preset"
    assert {address for address in addresses if address.startswith(SET_PREFIX)} == {SET_PREFIX + d for d in DIALS}
    file = accepted(sent[-1])
    assert file["request_id"] == 1
    assert file["path_in"].startswith(FOLDER)
    assert file["path_out"].startswith(FOLDER)
    assert file["path_in"] != file["path_out"]
    for message in player.machine.sent:
        accepted(message)


def test_dials_reach_the_server_with_what_they_show(device: Player) -> None:
    device.record()
    device.set("Temperature", 1.5)
    device.set("Coarse passes", 24)
    values = {message[0]: message[1:] for message in device.vamp()}
    assert values["/vamp/set/temperature"] == [1.5]
    assert values["/vamp/set/coarse_passes"] == [24]


def test_turning_a_dial_sends_nothing_by_itself(device: Player) -> None:
    before = list(device.machine.sent)
    device.set("Temperature", 1.5)
    device.set("Preset", 2)
    assert device.machine.sent == before


def test_a_preset_turns_the_dials_but_not_while_the_set_is_loading() -> None:
    player = Player(DEVICE)
    player.set("Temperature", 3.0)
    player.set("Preset", 2)
    assert player.control("Temperature").state["value"] == 3.0
    player.machine.run(2000)
    player.set("Preset", 0)
    shown = {dial: player.machine.find("live.dial", varname=dial)[0].state["value"] for dial in DIALS}
    assert shown == {dial: getattr(PRESETS["faithful"], dial) for dial in DIALS}


def test_the_loop_is_written_at_its_own_length_from_a_copy(player: Player) -> None:
    player.record(1234.0)
    whats = [what for what, _ in player.machine.files]
    assert whats == ["record", "record", "duplicate", "crop", "writewave"]
    crop = next(path for what, path in player.machine.files if what == "crop")
    assert float(crop.split()[1]) == pytest.approx(1234.0, abs=0.02)


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000])
def test_a_loop_is_whole_samples_long_at_any_rate(rate: int) -> None:
    player = Player(DEVICE)
    for node in player.machine.find("dspstate~"):
        node.state["rate"] = rate
    player.connect()
    player.record(1234.567)
    crop = float(next(path for what, path in player.machine.files if what == "crop").split()[1])
    assert crop * rate / 1000 == pytest.approx(round(1234.567 * rate / 1000), abs=1e-6)


def test_a_take_is_heard_at_the_seam_and_not_before(player: Player) -> None:
    player.record()
    out = accepted(player.vamp()[-1])["path_out"]
    player.finish()
    assert player.loaded() == [out]
    assert player.says("made in 1.5 s")
    wave = player.machine.find("waveform~")[0]
    before = wave.state.get("shown")
    player.machine.seam()
    assert wave.state["shown"] != before
    assert wave.state["shown"].endswith("a")
    player.vamp()
    player.finish()
    player.machine.seam()
    assert wave.state["shown"].endswith("b")


def test_a_new_recording_cancels_what_is_on_its_way(device: Player) -> None:
    device.record()
    device.vamp()
    device.set("Record", 1)
    assert device.machine.sent[-1] == ["/vamp/cancel", 1]
    device.finish()
    assert device.loaded() == []


def test_undo_and_the_menu_bring_takes_back(device: Player) -> None:
    device.record()
    paths = []
    for _ in range(2):
        paths.append(accepted(device.vamp()[-1])["path_out"])
        device.finish()
        device.machine.seam()
    device.set("Undo", 1)
    assert device.loaded() == [*paths, paths[0]]
    device.set("Undo", 1)
    (wanted,) = device.machine.find("sig~")
    assert wanted.state["value"] == 0
    device.machine.seam()
    assert device.machine.find("waveform~")[0].state["shown"].endswith("file")


def test_clearing_leaves_the_loop_alone_in_the_menu(device: Player) -> None:
    device.record()
    device.vamp()
    device.finish()
    (menu,) = device.machine.find("umenu")
    assert menu.state["items"] == ["loop", "take 1"]
    device.set("Clear", 1)
    assert menu.state["items"] == ["loop"]


def test_the_take_that_is_heard_can_be_varied_again(device: Player) -> None:
    device.record()
    take = accepted(device.vamp()[-1])["path_out"]
    device.finish()
    assert accepted(device.vamp()[-1])["path_in"] != take
    device.set("Source", 1)
    assert accepted(device.vamp()[-1])["path_in"] == take


def test_auto_asks_again_as_soon_as_a_take_is_heard(device: Player) -> None:
    device.record()
    device.set("Auto", 1)
    asked = [message for message in device.machine.sent if message[0] == "/vamp/file"]
    device.finish()
    device.machine.seam()
    again = [message for message in device.machine.sent if message[0] == "/vamp/file"]
    assert (len(asked), len(again)) == (1, 2)


def test_a_kept_seed_is_told(device: Player) -> None:
    device.record()
    device.vamp()
    device.finish(seed=99)
    assert "/vamp/set/seed" not in [message[0] for message in device.vamp()]
    device.set("Keep seed", 1)
    assert ["/vamp/set/seed", 99] in device.vamp()


def test_a_drawn_mask_goes_without_prompts(device: Player) -> None:
    device.record()
    device.set("Draw", 1)
    (grid,) = device.machine.find("matrixctrl")
    device.machine.give(grid, 0, ["set", 3, 2, 1])
    sent = device.vamp()
    addresses = [message[0] for message in sent]
    assert not {SET_PREFIX + name for name in PROMPTS} & set(addresses)
    rows = drawn(sent)
    assert [sum(row["cells"]) for row in rows] == [int(row["row"] == 3) for row in rows]
    assert rows[2]["cells"][3] == 1
    assert "/vamp/mask/clear" in addresses[: addresses.index("/vamp/mask/row")]
    assert addresses[-1] == "/vamp/file"


def drawn(sent: list[list[Any]]) -> list[dict[str, Any]]:
    return [accepted(message) for message in sent if message[0] == "/vamp/mask/row"]


@pytest.mark.parametrize(("n_rows", "n_columns"), [(3, 5), (14, 32), (32, 128), (64, 128)])
def test_the_mask_of_a_vamp_is_shown_and_can_be_sent_back(device: Player, n_rows: int, n_columns: int) -> None:
    device.record()
    device.vamp()
    device.finish()
    assert device.machine.sent[-1] == ["/vamp/mask/of", 1]
    told = [[(row * column) % 3 % 2 for column in range(n_columns)] for row in range(n_rows)]
    for row, cells in enumerate(told, start=1):
        device.machine.receive("/vamp/mask/of", 1, row, n_rows, *cells)
    (grid,) = device.machine.find("matrixctrl")
    assert (grid.state["rows"], grid.state["columns"]) == (n_rows, n_columns)
    device.set("Draw", 1)
    rows = drawn(device.vamp())
    assert [row["row"] for row in rows] == list(range(1, n_rows + 1))
    assert [row["cells"] for row in rows] == told


def test_vamps_that_end_together_show_each_its_own_mask() -> None:
    first = Player(MAIN).connect()
    second = Player(MAIN, slot=2)
    second.machine = first.machine
    for player in (first, second):
        player.record()
        player.vamp()
    second.finish()
    first.finish()
    assert [message for message in first.machine.sent if message[0] == "/vamp/mask/of"] == [
        ["/vamp/mask/of", 3],
        ["/vamp/mask/of", 1],
    ]
    for row in range(1, 15):  # as they come when both are asked for at once
        first.machine.receive("/vamp/mask/of", 3, row, 14, 1, 0)
        first.machine.receive("/vamp/mask/of", 1, row, 14, 0, 0, 1)
    grids = first.machine.find("matrixctrl")
    assert [sorted({x for (x, _), cell in grid.state.get("cells", {}).items() if cell}) for grid in grids] == [
        [2],
        [],
        [0],
    ]


def test_record_waits_for_the_bar_while_the_transport_runs(device: Player) -> None:
    for transport in device.machine.find("transport"):
        transport.state["now"] = (1, 120.0, [4, 4])
    device.machine.run(150)
    device.set("Record", 1)
    assert device.says("waiting for the beat")
    assert device.machine.files == []
    device.machine.run(2000)
    assert ("record", "1") in device.machine.files
    device.machine.run(2300)
    device.set("Record", 0)
    assert ("record", "0") not in device.machine.files
    device.machine.run(2500)
    crop = float(next(path for what, path in device.machine.files if what == "crop").split()[1])
    assert crop == pytest.approx(4000.0)  # two bars
    device.set("Beat after ms", 50.0)
    assert ["/vamp/set/tempo_bpm", 120.0] in device.vamp()


def test_record_waits_no_longer_when_the_transport_stops(device: Player) -> None:
    (transport,) = device.machine.find("transport")
    transport.state["now"] = (1, 120.0, [4, 4])
    device.machine.run(150)
    device.set("Record", 1)
    transport.state["now"] = (0, 120.0, [4, 4])
    device.machine.run(150)
    assert ("record", "1") in device.machine.files


def test_a_set_that_was_saved_while_it_recorded_does_not_record_when_it_is_opened() -> None:
    player = Player(DEVICE)
    player.set("Record", 1)  # as Live restores it
    player.connect()
    assert player.machine.files == []
    assert player.control("Record").state["value"] == 0
    player.record()
    assert player.says("ready: press Vamp")


def test_a_recording_ends_before_its_buffer_is_full(device: Player) -> None:
    device.set("Record", 1)
    device.machine.run(61_000)
    assert ("record", "0") in device.machine.files
    assert device.control("Record").state["value"] == 0


def test_muting_silences_and_the_level_is_kept(device: Player) -> None:
    device.set("Level", 50.0)
    (expr,) = [n for n in device.machine.find("expr") if "1 - $i2" in n.box["text"]]
    assert expr.state["values"][1] == 50.0
    device.set("Mute", 1)
    assert expr.state["values"][2] == 1
    assert device.control("Level").state["value"] == 50.0


def test_the_limits_of_the_tempo_are_those_of_the_table() -> None:
    clips = [b["text"] for b in _texts(DEVICE) if b["text"].startswith("clip ")]
    limits = RANGES["tempo_bpm"]
    assert clips == [f"clip {limits.low:g}. {limits.high:g}."]
    assert SET_PREFIX + "tempo_bpm" in INCOMING


def _texts(patcher: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for wrapped in patcher["boxes"]:
        box = wrapped["box"]
        found += [box] if "text" in box else []
        found += _texts(box["patcher"]) if "patcher" in box else []
    return found
