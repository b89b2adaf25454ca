"""How the patches talk to the server: ports, heartbeat, folders, replies and errors, run message by message."""

from __future__ import annotations

from typing import Any

import pytest
from max_player import DEVICE, MAIN, Player, accepted
from vampbridge.bridge.protocol import OWN_MESSAGES
from vampbridge.max_patches.building.link import routed_addresses
from vampbridge.max_patches.building.words import START_SERVER


@pytest.fixture(params=["Max", "Live"])
def player(request: pytest.FixtureRequest) -> Player:
    return Player(MAIN if request.param == "Max" else DEVICE).connect()


@pytest.fixture
def device() -> Player:
    return Player(DEVICE).connect()


def test_an_error_is_seen_and_the_slot_goes_on(player: Player) -> None:
    player.record()
    player.set("Auto", 1)
    wanted = [node.state.get("value") for node in player.machine.find("sig~")]
    player.machine.receive("/vamp/error", "busy", "/vamp/file", "too many vamps are unfinished", 1)
    shown = [text for text in player.machine.texts() if "too many vamps" in text]
    assert len(shown) == 2  # in the slot and in the link
    assert player.machine.printed
    assert [node.state.get("value") for node in player.machine.find("sig~")] == wanted
    assert player.control("Auto").state["value"] == 0


def test_an_error_of_no_slot_is_seen_too(player: Player) -> None:
    player.machine.receive("/vamp/error", "address", "/vamp/nonsense", "there is no such address", "")
    assert player.says("there is no such address")


@pytest.mark.parametrize("message", [m for m in OWN_MESSAGES if m.direction == "out"], ids=lambda m: m.address)
def test_every_reply_of_the_table_has_a_receiver(device: Player, message: Any) -> None:
    samples = {"i": 1, "h": 1, "f": 0.5, "d": 0.5, "s": "a word", "b": "blob", "T": 1}
    values = [1 if a.name in {"request_id", "row"} else samples[a.tags[0]] for a in message.arguments]
    device.record()
    device.vamp()
    before = (device.machine.texts(), len(device.machine.printed), [*device.machine._heap], device.loaded())
    address = message.address.replace("<setting>", "seed")
    if address == "/vamp/mask/of":
        device.machine.receive(address, 1, 1, 14, 0, 1)
        assert device.machine.find("matrixctrl")[0].state["cells"]
        return
    device.machine.receive(address, *values)
    after = (device.machine.texts(), len(device.machine.printed), [*device.machine._heap], device.loaded())
    assert after != before
    if address not in routed_addresses():
        assert device.says(address)  # shown with its address, so that nothing is lost


def test_an_unknown_message_is_printed_and_shown(device: Player) -> None:
    device.machine.receive("/something/new", 1, 2.5, "three")
    assert device.says("/something/new 1 2.5 three")
    assert device.machine.printed == [["/something/new 1 2.5 three"]]


def test_without_a_server_the_light_is_red_and_says_what_to_start() -> None:
    player = Player(DEVICE)
    player.machine.run(8000)
    (light,) = player.machine.find("led")
    assert light.state["value"] == 0
    assert player.says(START_SERVER)
    player.record()
    assert player.vamp() == []
    assert player.says("does not answer")


def test_the_server_may_come_and_go(device: Player) -> None:
    (light,) = device.machine.find("led")
    assert light.state["value"] == 1
    device.machine.server_lives = False
    device.machine.run(8000)
    assert light.state["value"] == 0
    device.machine.receive("/vamp/pong")
    assert light.state["value"] == 1
    assert device.machine.sent[-1] == ["/vamp/version"]


def test_each_copy_finds_a_port_of_its_own() -> None:
    player = Player(DEVICE)
    player.machine.used_ports |= {8003, 8004}
    player.machine.run(4000)
    ports = {message[1] for message in player.machine.sent if message[0] == "/vamp/reply_port"}
    assert ports == {8005}
    player.connect()
    player.record()
    assert "vamp-8005-1-" in accepted(player.vamp()[-1])["path_in"]


def test_without_a_folder_nothing_is_written_and_that_is_said() -> None:
    player = Player(DEVICE)
    player.machine.run(3000)
    player.machine.receive("/vamp/pong")
    player.record()
    assert player.says("choose a folder")
    assert "writewave" not in dict(player.machine.files)
    assert player.vamp() == []


@pytest.mark.parametrize(
    ("chosen", "used"),
    [
        ("Macintosh HD:/Users/me/Music and more/", "/Users/me/Music and more/"),
        ("C:/Users/My Name/loops/", "C:/Users/My Name/loops/"),
        ("D:/loops", "D:/loops"),
        ("/Users/jürgen/Schleifen 1", "/Users/jürgen/Schleifen 1"),
    ],
)
def test_paths_keep_their_spaces(chosen: str, used: str) -> None:
    player = Player(DEVICE).connect(chosen)
    player.record()
    file = accepted(player.vamp()[-1])
    assert file["path_in"].startswith(used)
    assert file["path_out"].startswith(used)


def test_slots_of_one_patch_do_not_hear_each_others_replies() -> None:
    first = Player(MAIN).connect()
    second = Player(MAIN, slot=1)
    second.machine = first.machine
    first.record()
    second.record()
    first.vamp()
    out = accepted(second.vamp()[-1])
    assert out["request_id"] == 2
    second.finish()
    assert first.loaded() == [out["path_out"]]
    menus = first.machine.find("umenu")
    assert [len(menu.state.get("items", ["loop"])) for menu in menus] == [1, 2, 1]
    assert len({n.args[0] for n in first.machine.find("buffer~")}) == 12
