"""`vampbridge devices`: the sound cards there are, by number and name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from ..audio import portaudio
from ..audio.devices import Device
from ..errors import DeviceError
from .options import JsonOption
from .render import print_json

HEADINGS = ("", "no.", "name", "host API", "in", "out", "rate Hz")
LEGEND = "< records, > plays where nothing else is chosen"


@dataclass(frozen=True)
class DevicesOptions:
    """What the command is given."""

    as_json: JsonOption = False


def list_audio_devices(options: DevicesOptions) -> None:
    """List the sound cards, for --device-in and --device-out: a number, or a part of a name."""
    devices = portaudio.list_devices()
    if options.as_json:
        print_json({"portaudio": portaudio.version(), "devices": [dataclasses.asdict(device) for device in devices]})
        return
    if not devices:
        raise DeviceError("there is no sound card: plug one in, or start its driver (JACK, ASIO), and look again")
    print("\n".join([*table(devices), "", LEGEND]))


def table(devices: Sequence[Device]) -> list[str]:
    """One line for each device under a line of headings, columns aligned, numbers to the right."""
    rows = [HEADINGS] + [
        (
            ("<" if device.is_default_in else " ") + (">" if device.is_default_out else " "),
            str(device.number),
            device.name,
            device.host_api,
            str(device.n_inputs),
            str(device.n_outputs),
            str(device.sample_rate),
        )
        for device in devices
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    is_number = (False, True, False, False, True, True, True)
    return [
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in rows
    ]
