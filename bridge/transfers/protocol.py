"""The part of the protocol table that brings loops in and out of the server. See `bridge.protocol`."""

from __future__ import annotations

from typing import Final

from ...engine.audio import MAX_CHANNELS, MAX_INPUT_S, MAX_RATE_HZ, MIN_RATE_HZ
from ...engine.settings import Range
from ..live_protocol import SLOT
from ..message_spec import NUMBER, TEXT, Argument, Message
from ..serve_options import ServeOptions
from .pacing import DATAGRAMS, STREAM
from .sound import FORMATS

_OPTIONS: Final = ServeOptions()

TRANSFERS_HEAD: Final = (
    "By path where the server reads the client's disk; else in chunks. A sound travels as float32, little-endian, "
    "channels interleaved (uploads also as 16- or 24-bit whole numbers). `/vamp/upload` announces it, "
    "`/vamp/upload/ready` says how it is to be cut, and the chunks follow, several on their way at once. Each answer "
    "`/vamp/upload/ack request_id next missing…` says: of the chunks before `next`, all have arrived but those listed. "
    "What is listed, or not acknowledged for some time, is sent again; `/vamp/upload/done` ends it. Asking again with "
    "the same id and checksum goes on where it stood, over another connection, too. Downloads are the same the other "
    f"way round. Chunks have {DATAGRAMS.chunk_bytes} bytes over UDP and {STREAM.chunk_bytes} over TCP. A client may "
    f"have {_OPTIONS.upload_mb} MiB of uploads here at once (`--upload-mb`), all clients together "
    f"{_OPTIONS.all_uploads_mb} (`--upload-all-mb`); more is refused with the code `quota`."
)

MAX_LIST: Final = 1024
_MOST: Final = 2**31 - 1


def _count(name: str, text: str, low: int, high: int, unit: str = "") -> Argument:
    return Argument(name, NUMBER, text, Range(int, low, high, unit, ""))


_ID: Final = Argument("request_id", "sihfd", "Your own name for the transfer, any but NaN; text of 1 to 64 bytes.")
_UPLOAD_ID: Final = Argument("upload_id", "sihfd", "The id of your complete upload.")
_INDEX: Final = _count("index", "Of the chunk, from 0.", 0, _MOST)
_CRC32: Final = Argument(
    "crc32", NUMBER, "CRC-32 of the blob (as in zlib), signed or not.", Range(int, -(2**31), 2**32 - 1, "", "")
)
_FIRST: Final = Argument(
    "first_chunk",
    NUMBER,
    "Leave out the chunks before it: you have them.",
    Range(int, 0, _MOST, "", ""),
    default=0,
    optional=True,
)
_LIMIT: Final = Argument(
    "limit", NUMBER, "At most so many.", Range(int, 1, MAX_LIST, "takes", ""), default=64, optional=True
)
_PATH: Final = Argument("path", TEXT, "Below an allowed folder; an absolute path.")
_NEXT: Final = _count("next", "All chunks before it have arrived, but those that follow.", 0, _MOST)
_MISSING: Final = Argument(
    "missing", NUMBER, "Chunks that have not.", Range(int, 0, _MOST, "", ""), repeated=True, optional=True
)

TRANSFERS_IN: Final = (
    Message(
        "/vamp/upload",
        "in",
        "Bring a sound here in chunks, or go on with it. Answered by `/vamp/upload/ready`. One that is left alone for "
        "a minute is dropped, and one that is complete after ten.",
        (
            _ID,
            _count("n_frames", f"Samples of a channel; at most {MAX_INPUT_S} s.", 1, MAX_INPUT_S * MAX_RATE_HZ),
            _count("n_channels", "Channels.", 1, MAX_CHANNELS),
            _count("sample_rate", "Sample rate.", MIN_RATE_HZ, MAX_RATE_HZ, "Hz"),
            Argument("checksum", TEXT, "Of all bytes, in hexadecimal digits: 8 are a CRC-32, 64 a SHA-256."),
            Argument(
                "format",
                TEXT,
                "Of a sample: f32 is float, s24 and s16 are whole numbers.",
                Range(str, None, None, "", "", tuple(FORMATS)),
                default="f32",
                optional=True,
            ),
        ),
    ),
    Message(
        "/vamp/upload/chunk",
        "in",
        "A piece of it, in any order. Answered by `/vamp/upload/ack` now and then, and at once where one is missing.",
        (_ID, _INDEX, _CRC32, Argument("blob", "b", "Its bytes.")),
    ),
    Message("/vamp/upload/cancel", "in", "Forget an upload, complete or not.", (_ID,)),
    Message(
        "/vamp/upload/vamp",
        "in",
        "Vamp an upload with your settings: `/vamp/file` without files. Answered by `/vamp/progress`, then by "
        "`/vamp/done` once per variation, with an empty path, or by `/vamp/error`; fetch the take by its id with "
        "`/vamp/download`.",
        (
            _UPLOAD_ID,
            Argument("request_id", "sihfd", "Your own name for the vamp; the upload's id if missing.", optional=True),
        ),
    ),
    Message(
        "/vamp/download",
        "in",
        "Fetch a take that was made of an upload, or of the session; `L` and a number is a layer of it. Answered by "
        "`/vamp/download/ready`, then by chunks. Asking again goes on from `first_chunk`.",
        (_ID, Argument("take_id", TEXT, "As it was told."), _FIRST),
    ),
    Message(
        "/vamp/download/ack",
        "in",
        "Say which chunks have come: at once where one is missing or came twice, for the last one, and for every "
        "fourth in order. Without it, what is on its way is sent again, and nothing new.",
        (_ID, _NEXT, _MISSING),
    ),
    Message("/vamp/download/cancel", "in", "End a download.", (_ID,)),
    Message(
        "/vamp/takes",
        "in",
        "Ask for the takes there are, the newest first: one `/vamp/take` each, then `/vamp/takes` with their number. "
        "Those of the session, then those made of uploads.",
        (_LIMIT,),
    ),
    Message(
        SLOT + "load",
        "in",
        "Play an audio file: it is fitted to the device's rate and takes over at the next seam, or at once where "
        f"nothing plays. Answered by `{SLOT}loaded`.",
        (_PATH,),
    ),
    Message(
        SLOT + "load_upload",
        "in",
        f"Play an upload, as `{SLOT}load` plays a file. The upload stays.",
        (Argument("request_id", "sihfd", "The id of your complete upload."),),
    ),
    Message(
        SLOT + "save",
        "in",
        "Write what plays now to a .wav file of 32-bit floats, or another take of the session. Only new files, and "
        f"those that this server wrote, are written. Answered by `{SLOT}saved`.",
        (
            _PATH,
            Argument("take_id", TEXT, "As `/vamp/take` told it; what plays if missing.", default="", optional=True),
        ),
    ),
    Message(
        SLOT + "download",
        "in",
        "Fetch what plays now, as it plays without dials; see `/vamp/download`.",
        (_ID, _FIRST),
    ),
    Message(
        SLOT + "takes",
        "in",
        f"Ask for what was played, loaded and made in the slot, the newest first: one `{SLOT}take` each, then "
        f"`{SLOT}takes` with their number.",
        (_LIMIT,),
    ),
)


def _told(*of_slot: Argument) -> tuple[Argument, ...]:
    return (
        Argument("take_id", "s", "For `recall` and `/vamp/download`; `L` and a number was played in."),
        Argument("seed", "ih", "That made it; -1 if it was not made here."),
        Argument("length_s", "f", "Its length in seconds."),
        Argument("parent", "s", "What it was made from, or played into; empty for nothing."),
        *of_slot,
    )


_OUT_ID: Final = Argument("request_id", "sihfd", "As it was sent.")
_N_CHUNKS: Final = Argument("n_chunks", "i", "How many chunks there are.")
_CHUNK_BYTES: Final = Argument("chunk_bytes", "i", "Bytes of each chunk; the last one has what is left.")

TRANSFERS_OUT: Final = (
    Message(
        "/vamp/upload/ready",
        "out",
        "Chunks may come.",
        (_OUT_ID, _CHUNK_BYTES, _N_CHUNKS, Argument("next", "i", "All chunks before it are here already.")),
    ),
    Message("/vamp/upload/ack", "out", "What has arrived.", (_OUT_ID, _NEXT, _MISSING)),
    Message("/vamp/upload/done", "out", "It is complete, and its checksum is right.", (_OUT_ID,)),
    Message(
        "/vamp/download/ready",
        "out",
        "Chunks follow.",
        (
            _OUT_ID,
            Argument("n_frames", "i", "Samples of a channel."),
            Argument("n_channels", "i", "Channels."),
            Argument("sample_rate", "i", "In Hz."),
            Argument("checksum", "s", "CRC-32 of all bytes, 8 hexadecimal digits."),
            _CHUNK_BYTES,
            _N_CHUNKS,
        ),
    ),
    Message(
        "/vamp/download/chunk",
        "out",
        "A piece of it, in any order, perhaps more than once.",
        (_OUT_ID, Argument("index", "i", "From 0."), Argument("crc32", "i", "Of the blob."), Argument("blob", "b", "")),
    ),
    Message("/vamp/download/done", "out", "All of it has been acknowledged.", (_OUT_ID,)),
    Message("/vamp/take", "out", "A take.", _told(Argument("slot", "i", "From 1; 0 if it is of none."))),
    Message("/vamp/takes", "out", "All have been told.", (Argument("count", "i", "How many."),)),
    Message(SLOT + "take", "out", "A take of the slot.", _told()),
    Message(SLOT + "takes", "out", "All have been told.", (Argument("count", "i", "How many."),)),
    Message(
        SLOT + "loaded",
        "out",
        "A sound waits for its seam.",
        (
            Argument("take_id", "s", "12 hexadecimal digits, made from the sound."),
            Argument("loop_s", "f", "Its length in seconds."),
            Argument("source", "ihfds", "The path, or the id of the upload."),
        ),
    ),
    Message(
        SLOT + "saved",
        "out",
        "It is written.",
        (Argument("path", "s", "The file."), Argument("take_id", "s", "What it is; empty if it was played in.")),
    ),
)
