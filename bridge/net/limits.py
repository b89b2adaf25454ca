"""How much the network edge takes of anybody, in one place. Reasons stand in docs/security.md."""

from __future__ import annotations

from typing import Final

MAX_DATAGRAM_BYTES: Final = 65_507
# One OSC packet over TCP: a blob of 1 MiB, 23 of which are a minute of stereo sound, and room for what stands round it.
MAX_BLOB_BYTES: Final = 2**20
MAX_FRAME_BYTES: Final = MAX_BLOB_BYTES + 1024
# Before it has shown the token, a connection may say hello and no more.
MAX_HELLO_BYTES: Final = 1024
# What waits for a TCP client that does not read; then it is dropped, and nobody waits for it.
MAX_BACKLOG_BYTES: Final = 8 * 2**20
SEND_BUFFER_BYTES: Final = 2**18  # of the system; it would grow to several MiB for each
MAX_CONNECTIONS: Final = 64
HELLO_S: Final = 5.0  # from connecting to the token
FRAME_S: Final = 10.0  # from the first byte of a packet to its last
STALL_S: Final = 30.0  # that a client may take nothing of what waits for it
LINGER_S: Final = 1.0  # in which a client that is told off may read why
IDLE_S: Final = 600.0  # without a packet either way
REST_S: Final = 1.0  # in which no connection is taken when the system can give none

RECEIVE_BYTES: Final = 2**18
TURN: Final = 64  # packets of one sender before the next one has its turn
TURN_S: Final = 0.005  # after which a turn ends, too

# Of one packet: all of them are handled before anybody else has a turn.
MAX_BUNDLED: Final = 512
MAX_SCHEDULED: Final = 4096  # messages that wait for their time, of all clients
MAX_SCHEDULED_EACH: Final = 1024
MAX_AHEAD_S: Final = 60.0

BURST_S: Final = 2.0  # what a client may save up of its rate
