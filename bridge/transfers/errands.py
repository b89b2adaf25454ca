"""Work that takes longer than a moment, for the thread that reads and writes files; its failures reach the client."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from ...engine.errors import EngineError, VampbridgeError
from ..clients import Address
from ..errors import BusyError, clip
from ..ids import RequestId
from ..own_messages import Desk

log = logging.getLogger(__name__)

MAX_EACH: Final = 16
MAX_ALL: Final = 64


@dataclass(frozen=True)
class Asked:
    """Who asked for what: where its failure is told.

    Attributes:
        client: To whom.
        address: Of the message.
        request_id: That it carried; empty for none.
    """

    client: Address
    address: str
    request_id: RequestId = ""


class Errands:
    """Hands work over. From one thread; `tell` from any.

    Args:
        desk: See there.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._counts: Counter[Address] = Counter()
        self._lock = threading.Lock()

    def do(self, asked: Asked, work: Callable[[], None]) -> None:
        """Have something done soon, in the order in which it was asked for.

        Raises:
            BusyError: Too much waits already.
        """
        with self._lock:
            n_each, n_all = self._counts[asked.client], self._counts.total()
            if n_each >= MAX_EACH or n_all >= MAX_ALL:
                raise BusyError(
                    f"{n_each} files and sounds of yours wait to be read or written, and {n_all} of all clients; at "
                    f"most {MAX_EACH} and {MAX_ALL} may: wait for one"
                )
            self._counts[asked.client] += 1
        self._desk.vamps.do(partial(self._do, asked, work))

    def tell(self, asked: Asked, error: VampbridgeError) -> None:
        """Tell a client what went wrong."""
        self.refuse(asked, error.code, str(error))

    def refuse(self, asked: Asked, code: str, reason: str) -> None:
        """The same in words."""
        self._desk.send(asked.client, "/vamp/error", (code, asked.address, clip(reason), asked.request_id))

    def _do(self, asked: Asked, work: Callable[[], None]) -> None:
        try:
            work()
        except VampbridgeError as error:
            self.tell(asked, error)
        except Exception as error:  # a bug, or a disk that fails: its client must hear of it, and the others go on
            log.exception("%s failed", asked.address)
            self.tell(asked, EngineError(f"unexpected {type(error).__name__}: {error}"))
        finally:
            with self._lock:
                self._counts[asked.client] -= 1
                self._counts += Counter()  # forgets those at 0
