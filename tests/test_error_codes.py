"""Every code that a client may be told is explained on the page of the protocol."""

from __future__ import annotations

import re
from pathlib import Path

from vampbridge.bridge.error_codes import error_codes
from vampbridge.bridge.protocol_docs import render

# Codes that no client of the server is told: see `error_codes`; those of `bridge.client` are its own.
UNTOLD = {"error", "port", "download"}
OF_CLASSES = re.compile(r'^    code = "([a-z-]+)"', re.MULTILINE)
IN_WORDS = re.compile(r'(?:/vamp/error", \(|refuse, asked, |refuse\(asked, )"([a-z-]+)"')


def test_every_code_that_the_server_tells_is_in_the_docs_and_no_other(repo_root: Path) -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for package in ("engine", "bridge")
        for path in (repo_root / package).rglob("*.py")
        if path.parent != repo_root / "bridge" / "client"
    ]
    told = {code for text in sources for pattern in (OF_CLASSES, IN_WORDS) for code in pattern.findall(text)} - UNTOLD
    assert {"looper", "quota", "checksum", "transfer", "limit"} <= told
    assert set(error_codes()) == told
    page = render()
    for code, meaning in error_codes().items():
        assert f"| `{code}` | {meaning} |\n" in page
        assert meaning.endswith(".")
