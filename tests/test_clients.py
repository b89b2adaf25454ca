"""Who a sender is, and who is forgotten when there are too many."""

import numpy as np
from vampbridge.bridge.clients import MAX_CLIENTS, STREAM, AddressBook
from vampbridge.bridge.masks import keep_mask


def test_a_client_that_speaks_keeps_its_reply_port_however_many_others_come() -> None:
    book = AddressBook(reply_port=0)
    mine = ("10.0.0.1", 5000)
    book.redirect(mine, 7000)
    for number in range(2 * MAX_CLIENTS):
        book.redirect(("10.0.0.2", 10_000 + number), 9000)
        assert book.client_of(mine).address == ("10.0.0.1", 7000)


def test_the_redirect_that_was_silent_longest_is_forgotten() -> None:
    book = AddressBook(reply_port=0)
    for number in range(MAX_CLIENTS + 1):
        book.redirect(("10.0.0.2", 10_000 + number), 9000)
    assert book.client_of(("10.0.0.2", 10_000)).address == ("10.0.0.2", 10_000)
    assert book.client_of(("10.0.0.2", 10_001)).address == ("10.0.0.2", 9000)


def test_connections_that_come_and_go_at_once_end_nothing() -> None:
    book = AddressBook(reply_port=0)
    keys = [(f"{STREAM}10.0.0.2#{number}", 5000) for number in range(MAX_CLIENTS + 10)]
    for key in keys:
        assert book.client_of(key).address == key
    assert len(book.all()) == len(keys)
    assert not book.forgotten


def test_a_client_that_moves_to_another_port_takes_its_settings_and_all_its_masks_along() -> None:
    book, sender = AddressBook(reply_port=0), ("10.0.0.1", 5000)
    before = book.client_of(sender)
    before.settings = before.settings.changed(temperature=0.5)
    before.last_mask = before.drawn_mask = np.ones((1, 4), dtype=np.bool_)
    keep_mask(before.masks, "mine", before.last_mask)
    after = book.redirect(sender, 7000)
    assert (after.settings, after.drawn_mask, after.last_mask) == (before.settings, before.drawn_mask, before.last_mask)
    assert list(after.masks) == ["mine"]
    keep_mask(after.masks, "next", before.last_mask)  # from here on each is told of its own
    assert list(before.masks) == ["mine"]
    book.client_of(("10.0.0.1", 7000)).last_mask = None
    assert book.redirect(("10.0.0.1", 6000), 7000).last_mask is None  # who is there already keeps its own
