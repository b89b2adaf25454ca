"""The JACK servers of the tests leave nothing behind, however a test run ends: JACK remembers eight, no more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from audio_fakes import is_alive, wait_until
from jack_server import make_jack  # noqa: F401 - a fixture

pytestmark = pytest.mark.jack

KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from jack_server import JackServer
server = JackServer(256)
print(server.name, server._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_ends_with_a_test_run_that_is_killed_and_its_name_is_free(make_jack):  # noqa: F811
    make_jack(256).stop()  # or skip
    names = set()
    for _ in range(3):
        command = [sys.executable, "-c", KILLED, str(Path(__file__).parent)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        name, pid = done.stdout.split()
        names.add(name)
        wait_until(lambda pid=pid: not is_alive(int(pid)))
    assert len(names) == 1
    assert make_jack(256, name).client("again").name == "again"


def test_two_servers_never_have_one_name(make_jack):  # noqa: F811
    first, second = make_jack(256), make_jack(256)
    assert first.name != second.name
    with pytest.raises(AssertionError, match="run already"):
        make_jack(256, first.name)
    os.kill(first._process.pid, 0)
