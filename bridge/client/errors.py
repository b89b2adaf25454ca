"""What can go wrong between a client and its server."""

from __future__ import annotations

from ...engine.errors import VampbridgeError


class ServerError(VampbridgeError):
    """The server refused a message, which changed nothing; or a vamp failed. The message is the server's reason.

    Attributes:
        code: The server's short word, such as `setting`, `path`, `busy` or `cancelled`.
        address: The address of the message that was refused.
        request_id: The id that the message carried; empty if none.
    """

    def __init__(self, code: str, address: str, reason: str, request_id: object = "") -> None:
        super().__init__(reason)
        self.code = code
        self.address = address
        self.request_id = request_id


class NoAnswerError(VampbridgeError, TimeoutError):
    """The server has not answered in time."""

    code = "no-answer"


class DisconnectedError(VampbridgeError, ConnectionError):
    """The connection was closed, by the server or by this client."""

    code = "disconnected"
