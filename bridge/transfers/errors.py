"""What can go wrong with a transfer, each with a short code that travels to the client."""

from __future__ import annotations

from ...engine.errors import VampbridgeError


class QuotaError(VampbridgeError):
    """More uploads, downloads or bytes than one client, or all of them, may have here."""

    code = "quota"


class ChecksumError(VampbridgeError):
    """What arrived is not what was sent. Nothing of it is kept."""

    code = "checksum"


class TransferError(VampbridgeError):
    """A transfer that got no further: the other side is silent, or says what cannot be."""

    code = "transfer"
