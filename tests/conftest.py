"""What every test shares: no network, no hardware unless asked for, reproducible random input."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# pytest-xdist's workers ignore Ctrl-C, and so would every program that a test starts in order to interrupt it.
if "PYTEST_XDIST_WORKER" in os.environ:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HARDWARE_MARKERS = ("gpu", "audio_hardware")

# Examples are drawn from a fixed seed in CI, so that a red run is red again; elsewhere they vary and find more.
# No deadlines: a busy machine is not a bug.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects the tests that need hardware, unless `-m` speaks of it."""
    asked = config.getoption("markexpr")
    unasked = [name for name in HARDWARE_MARKERS if name not in asked]
    kept, dropped = [], []
    for item in items:
        (dropped if any(item.get_closest_marker(name) for name in unasked) else kept).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def is_local(address: Any) -> bool:
    """Whether a socket address stays on this machine: a loopback IP, localhost or a path."""
    if not isinstance(address, tuple):
        return True
    host = address[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connecting to another machine fails: the tests must pass on a stage without internet, like the product."""
    connect = socket.socket.connect

    def connect_locally(sock: socket.socket, address: Any) -> None:
        if not is_local(address):
            message = f"tests need no network, but one connects to {address}"
            raise AssertionError(message)
        connect(sock, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_locally)
        yield


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The checkout's top folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def rng() -> np.random.Generator:
    """The same stream of random numbers for every test."""
    return np.random.Generator(np.random.PCG64(0))


@pytest.fixture(scope="session")
def tiny_bundle_folder(tmp_path_factory):
    """Folder of a bundle with tiny random weights, exported once per test run."""
    from tiny_bundle import make_tiny_bundle

    folder = tmp_path_factory.mktemp("tiny") / "bundle"
    make_tiny_bundle(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bundle(tiny_bundle_folder):
    """The same bundle, loaded."""
    from vampbridge.engine.bundle import load_bundle

    return load_bundle(tiny_bundle_folder)
