"""Fetching from a hub: what is wanted comes whole or not at all, goes on where it stopped, and says what went wrong."""

import errno
import hashlib
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in_hub import COMMIT, REPOSITORY, StandInHub, running
from vampbridge.engine.errors import DownloadError, PathError, SettingError
from vampbridge.export.hub import Hub, endpoint_from_environment, is_offline

CONTENT = bytes(range(256)) * 4000  # about 1 MB: several blocks


@pytest.fixture
def server():
    with running(StandInHub({"codec.pth": CONTENT})) as hub:
        yield hub


@pytest.fixture
def hub(server):
    return Hub(REPOSITORY, endpoint=server.address, pause_s=0, timeout_s=5)


@pytest.fixture
def part(tmp_path):
    return tmp_path / "codec.part"


def fetch(hub, part):
    seen = []
    hub.fetch(hub.find("codec.pth"), part, on_bytes=seen.append)
    return seen


def test_the_hub_says_size_hash_and_commit_without_sending_the_file(hub, server):
    found = hub.find("codec.pth")
    assert (found.size, found.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert found.revision == COMMIT
    assert server.asked == [("HEAD", "codec.pth", 0)]


def test_a_file_comes_whole_and_its_progress_is_told(hub, part):
    seen = fetch(hub, part)
    assert part.read_bytes() == CONTENT
    assert seen[0] == 0
    assert seen[-1] == len(CONTENT)
    assert seen == sorted(seen)


def test_an_interrupted_download_goes_on_where_it_stopped(hub, server, part):
    part.write_bytes(CONTENT[:300_000])
    fetch(hub, part)
    assert part.read_bytes() == CONTENT
    assert server.sent() == [("codec.pth", 300_000)]


def test_a_whole_part_is_not_fetched_again(hub, server, part):
    part.write_bytes(CONTENT)
    fetch(hub, part)
    assert server.sent() == []


def test_a_connection_that_drops_is_taken_up_again(hub, server, part):
    server.cuts["codec.pth"] = [100_000, 1, 500_000]
    fetch(hub, part)
    assert part.read_bytes() == CONTENT
    assert [start for _, start in server.sent()] == [0, 100_000, 100_001, 600_001]


def test_a_server_without_ranges_begins_again(hub, server, part):
    server.knows_ranges = False
    part.write_bytes(b"x" * 1000)
    fetch(hub, part)
    assert part.read_bytes() == CONTENT


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begun=st.integers(0, len(CONTENT)), cuts=st.lists(st.integers(1, len(CONTENT)), max_size=4), ranges=st.booleans()
)
def test_however_it_is_cut_the_file_comes_whole(hub, server, part, begun, cuts, ranges):
    server.knows_ranges, server.cuts["codec.pth"] = ranges, list(cuts)
    part.write_bytes(CONTENT[:begun])
    fetch(hub, part)
    assert part.read_bytes() == CONTENT


def test_a_connection_that_always_drops_is_one_error_and_what_came_is_kept(hub, server, part):
    server.cuts["codec.pth"] = [70_000] + [0] * 20
    with pytest.raises(DownloadError, match="70,000 bytes that came are kept"):
        fetch(hub, part)
    assert part.read_bytes() == CONTENT[:70_000]


@pytest.mark.parametrize("sent", [CONTENT[:5000], CONTENT + b"more"])
def test_another_size_than_promised_is_refused_and_deleted(hub, server, part, sent):
    server.lies["codec.pth"] = sent
    with pytest.raises(DownloadError, match=f"sends {len(sent):,} bytes as codec.pth, which has {len(CONTENT):,}"):
        fetch(hub, part)
    assert not part.exists()


def test_a_part_longer_than_the_file_is_refused_and_deleted(hub, part):
    part.write_bytes(CONTENT + b"more")
    with pytest.raises(DownloadError, match="deleted"):
        fetch(hub, part)
    assert not part.exists()


def test_a_full_disk_is_one_error_and_what_came_is_kept(hub, server, part, monkeypatch):
    class FullDisk:
        def __init__(self, file):
            self._file = file

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            self._file.close()

        def truncate(self, size):
            return self._file.truncate(size)

        def write(self, block):
            if self._file.tell() > 500_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self._file.write(block)

    opened = type(part).open
    monkeypatch.setattr(type(part), "open", lambda path, mode="r", **more: FullDisk(opened(path, mode, **more)))
    with pytest.raises(PathError, match=r"No space left on device; what is fetched of codec\.pth is kept"):
        fetch(hub, part)
    assert part.stat().st_size > 500_000


def test_a_file_that_is_not_there_is_none(hub):
    assert hub.find("nothing.pth") is None


@pytest.mark.parametrize(
    ("status", "said"), [(401, "wants a login"), (403, "wants a login"), (404, None), (410, "410")]
)
def test_a_refusal_says_what_to_do(hub, server, status, said):
    server.statuses[""] = status
    if said is None:
        assert hub.find("codec.pth") is None
        return
    with pytest.raises(DownloadError, match=said):
        hub.find("codec.pth")


def test_a_repository_that_is_not_there_is_named(server):
    with pytest.raises(DownloadError, match="does not let us at somebody/else"):
        Hub("somebody/else", endpoint=server.address).find("codec.pth")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_in_trouble_is_tried_again_then_reported(hub, server, part, status):
    found = hub.find("codec.pth")
    server.statuses["codec.pth"] = status
    with pytest.raises(DownloadError, match=f"cannot reach {server.address}: it answers {status}"):
        hub.fetch(found, part, on_bytes=lambda _: None)


def test_a_hub_that_cannot_be_reached_is_one_error(server):
    with running(StandInHub()) as gone:
        address = gone.address
    with pytest.raises(DownloadError, match=f"cannot reach {address}: .*refused.*Run the same command again"):
        Hub(REPOSITORY, endpoint=address).find("codec.pth")


def test_the_login_page_of_a_network_is_not_taken_for_the_hub(hub, server):
    server.is_hub = False
    with pytest.raises(DownloadError, match="login page of a network"):
        hub.find("codec.pth")
    with pytest.raises(DownloadError, match="does not answer with a list of files"):
        hub.paths()


def test_a_file_without_a_hash_is_refused(hub, server):
    server.tells_hash = False
    with pytest.raises(DownloadError, match=r"no size and SHA-256 of codec\.pth"):
        hub.find("codec.pth")


def test_a_renamed_repository_is_followed(hub, server, part):
    server.renamed = True
    fetch(hub, part)
    assert part.read_bytes() == CONTENT


def test_a_token_goes_to_the_hub_and_not_to_where_it_redirects(hub, server, part, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    fetch(hub, part)
    assert {token for path, token in server.tokens if "/resolve/" in path} == {"Bearer secret"}
    assert {token for path, token in server.tokens if path.startswith("/storage/")} == {None}


@pytest.mark.parametrize("address", ["ftp://hub", "file:///etc/passwd", "hub", "http://", "http://a b"])
def test_an_address_that_is_none_is_refused(monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(SettingError, match="HF_ENDPOINT must be an address"):
        endpoint_from_environment()


def test_the_environment_is_read_when_asked(monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert (endpoint_from_environment(), is_offline()) == ("https://huggingface.co", False)
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert (endpoint_from_environment(), is_offline()) == ("https://mirror.example", True)


def test_the_stand_in_speaks_as_the_real_client_expects(server, tmp_path):
    """Hugging Face's own client fetches the same file from it, so what we test against is no invention of ours."""
    pytest.importorskip("huggingface_hub")
    script = (
        "import sys, huggingface_hub as h; "
        f"print(h.hf_hub_download({REPOSITORY!r}, 'codec.pth', local_dir=sys.argv[1]))"
    )
    environment = os.environ | {
        "HF_ENDPOINT": server.address,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [sys.executable, "-c", script, str(tmp_path / "real")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "real" / "codec.pth").read_bytes() == CONTENT
