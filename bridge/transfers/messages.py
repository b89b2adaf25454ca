"""The part of the server that answers the messages of `transfers.protocol`."""

from __future__ import annotations

from ..clients import Address
from ..live.stage import Stage
from ..live_protocol import SLOT
from ..own_messages import Desk
from ..parts import BasePart, Handler, no_stage
from .download_messages import DownloadMessages
from .downloads import download_quotas
from .errands import Errands
from .lists import Lists
from .protocol import TRANSFERS_IN
from .shelf import Shelf
from .slots import SlotTransfers
from .upload_messages import UploadMessages
from .uploads import Quotas


class Transfers(BasePart):
    """Loops in and out.

    Args:
        desk: See there.
        stage: Plays loops; None if this server plays none.
        quotas: Of uploads, and in part of downloads, see `download_quotas`.
    """

    def __init__(self, desk: Desk, stage: Stage | None, quotas: Quotas | None = None) -> None:
        errands, shelf, quotas = Errands(desk), Shelf(), quotas or Quotas()
        self._lists = lists = Lists(desk.send)
        self._uploads = UploadMessages(desk, errands, shelf, quotas)
        slots = None
        if stage is not None:
            complete = self._uploads.complete
            slots = SlotTransfers(desk, stage, errands=errands, lists=lists, complete_upload=complete)
        self._downloads = DownloadMessages(desk, errands, shelf, slots, lists=lists, quotas=download_quotas(quotas))
        self.handlers: dict[str, Handler] = {m.address: no_stage for m in TRANSFERS_IN if m.address.startswith(SLOT)}
        self.handlers |= {**self._uploads.handlers, **self._downloads.handlers}
        if slots is not None:
            self.handlers |= slots.handlers

    def tick(self, now_s: float) -> None:
        """See `parts.Part`: answers what was not answered, sends again what was lost, drops what was left alone."""
        self._uploads.tick(now_s)
        self._downloads.tick(now_s)
        self._lists.tick(now_s)

    def forget(self, client: Address) -> None:
        """See `parts.Part`."""
        self._uploads.forget(client)
        self._downloads.forget(client)
        self._lists.forget(client)
