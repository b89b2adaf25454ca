"""Touch apps find the server by themselves, and only where it can be reached."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
import zeroconf
from vampbridge.bridge.oscquery import announce
from vampbridge.bridge.oscquery.announce import (
    OSC_TYPE,
    OSCQUERY_TYPE,
    Announcement,
    Place,
    announced_addresses,
    machine_name,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

FIND_S = 10.0
PLACE = Place(("127.0.0.1",), 8001, 8002, "stage")


class FakeResponder:
    """Remembers what was announced."""

    def __init__(self, interfaces: Any = None, *, error: Exception | None = None) -> None:
        self.services: list[zeroconf.ServiceInfo] = []
        self.interfaces, self.error = interfaces, error
        self.is_closed = False

    async def async_register_service(self, service: zeroconf.ServiceInfo, *, allow_name_change: bool) -> Any:
        assert allow_name_change
        if self.error is not None:
            raise self.error
        self.services.append(service)
        return asyncio.sleep(0)

    async def async_unregister_all_services(self) -> None:
        self.services.clear()

    async def async_close(self) -> None:
        self.is_closed = True


async def announce_and_browse() -> tuple[AsyncServiceInfo, list[tuple[str, str]]]:
    """What a browser on loopback finds of an announcement, and what it hears from beginning to end."""
    heard: list[tuple[str, str]] = []
    came, went = asyncio.Event(), asyncio.Event()
    browsing = AsyncZeroconf(interfaces=["127.0.0.1"])

    def hear(*, zeroconf: Any, service_type: str, name: str, state_change: zeroconf.ServiceStateChange) -> None:
        heard.append((name, state_change.name))
        for change, event in (("Added", came), ("Removed", went)):
            if sum(told == change for _, told in heard) == 2:
                event.set()

    browser = AsyncServiceBrowser(browsing.zeroconf, [OSCQUERY_TYPE, OSC_TYPE], handlers=[hear])
    announced = Announcement(PLACE)
    await announced.open()
    await asyncio.wait_for(came.wait(), FIND_S)
    found = AsyncServiceInfo(OSCQUERY_TYPE, announced.names[0])
    assert await found.async_request(browsing.zeroconf, 3000)
    await announced.close()
    await asyncio.wait_for(went.wait(), FIND_S)
    await browser.async_cancel()
    await browsing.async_close()
    return found, heard


def test_a_browser_finds_both_services_and_sees_them_go() -> None:
    try:
        found, heard = asyncio.run(announce_and_browse())
    except (OSError, asyncio.TimeoutError) as error:
        pytest.skip(f"no multicast on loopback here: {error}")
    name = "Vampbridge stage 8001"
    assert {entry for entry, _ in heard} == {f"{name}.{OSCQUERY_TYPE}", f"{name}.{OSC_TYPE}"}
    assert (found.port, found.parsed_addresses()) == (8002, ["127.0.0.1"])
    assert found.server == "vampbridge-stage-8001.local."


def test_each_service_is_announced_with_its_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[FakeResponder] = []
    monkeypatch.setattr(announce, "AsyncZeroconf", lambda **options: made.append(FakeResponder(**options)) or made[0])
    announced = Announcement(Place(("192.0.2.2",), 9001, 9005, "pi"))

    async def go() -> list[tuple[str, int | None]]:
        await announced.open()
        told = [(service.type, service.port) for service in made[0].services]
        await announced.close()
        await announced.close()
        return told

    assert asyncio.run(go()) == [(OSCQUERY_TYPE, 9005), (OSC_TYPE, 9001)]
    assert made[0].interfaces == ["192.0.2.2"]
    assert made[0].is_closed
    assert made[0].services == []


@pytest.mark.parametrize("error", [OSError("no network"), zeroconf.NonUniqueNameException()])
def test_a_network_that_refuses_is_a_warning_and_no_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    monkeypatch.setattr(announce, "AsyncZeroconf", lambda **_: FakeResponder(error=error))

    async def go() -> None:
        announced = Announcement(PLACE)
        await announced.open()
        await announced.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(go())
    assert ["zeroconf failed" in record.message for record in caplog.records] == [True]


def test_loopback_is_never_announced_and_every_interface_means_those_of_others() -> None:
    own = ["127.0.0.1", "192.0.2.2", "::1", "2001:db8::2", "fe80::1", "169.254.3.4", "192.0.2.2"]
    assert announced_addresses("127.0.0.1", own) == ()
    assert announced_addresses("::1", own) == ()
    assert announced_addresses("127.9.9.9", own) == ()
    assert announced_addresses("192.0.2.7", own) == ("192.0.2.7",)
    assert announced_addresses("0.0.0.0", own) == ("192.0.2.2",)  # noqa: S104 - told, not bound
    assert announced_addresses("::", own) == ("192.0.2.2", "2001:db8::2")
    assert announced_addresses("0.0.0.0", ["127.0.0.1"]) == ()  # noqa: S104 - told, not bound


def test_machine_names_are_fit_for_dns_and_services_for_their_63_bytes() -> None:
    assert machine_name("Jo's Mac.local") == "jo-s-mac"
    assert machine_name("…") == "machine"
    longest = Place((), 65_535, 1, machine_name("x" * 99))
    assert len(longest.name.encode()) <= 63
