"""Verdicts on the sound card. Pure: what was measured comes in."""

from __future__ import annotations

from dataclasses import asdict

from ..audio.devices import StreamPlan
from ..audio.jitter import CallbackTiming
from ..audio.loopback import RoundTrip
from ..live_protocol import LOOPER_SET
from .findings import FAIL, OK, WARN, Finding

LEAST_SHARE = 0.9
"""Of the callbacks that a device owes: one that asks for fewer stood still or runs at another rate."""
AT_START = 1
"""Underruns in each direction that say nothing: many drivers count one while a stream starts."""
USUAL_AT_START = "one at the start is usual"
MANY_DROPOUTS = 0.01
"""Share of the blocks: with more, no loop is recorded whole."""
LARGER = "take a larger block (--block 512), --latency high, or a driver made for music (JACK, ASIO)"
PRIORITY = (
    "allow real-time priority: put your user into the group that may have it (audio, pipewire or realtime), or add "
    "`@audio - rtprio 95` to /etc/security/limits.conf, and log in again"
)


def judge_portaudio(version: str | None, problem: str = "") -> Finding:
    """The library that talks to sound cards; `problem` says what to install if there is no version."""
    if version is None:
        return Finding("PortAudio", FAIL, "cannot be used", problem)
    return Finding("PortAudio", OK, version, facts={"version": version})


def judge_devices(plan: StreamPlan, sample_rate: int) -> Finding:
    """The devices that `vampbridge live` would take with the same options."""
    source, sink = plan.source, plan.sink
    facts = {"in": asdict(source), "out": asdict(sink), "sample_rate": sample_rate}
    if source == sink:
        return Finding("devices", OK, f"{source} at {sample_rate} Hz", facts=facts)
    measured = f"records from {source}, plays on {sink}, at {sample_rate} Hz"
    if source.name == sink.name:  # one card that is listed once for each direction
        return Finding("devices", OK, measured, facts=facts)
    advice = (
        "two cards have two clocks, which drift apart and drop sound now and then: use one card for both, "
        "--device-in and --device-out"
    )
    return Finding("devices", WARN, measured, advice, facts=facts)


def no_device(problem: str) -> Finding:
    """There is nothing to play on; `problem` says what to do."""
    return Finding("devices", FAIL, "no sound card can be used", problem)


def judge_period(timing: CallbackTiming) -> Finding:
    """Whether the device asks for sound when it should."""
    counters, info = timing.counters, timing.info
    measured = (
        f"{info.block_frames} frames every {counters.period_p50_ms:.2f} ms (a block lasts {timing.expected_ms:.2f}), "
        f"99 % within {counters.period_p99_ms:.2f}, at most {counters.period_max_ms:.2f}; "
        f"an idle block takes {counters.callback_p99_ms:.2f} ms; priority {info.scheduling}"
    )
    facts = {"seconds": timing.seconds, "expected_ms": timing.expected_ms, "jitter_ms": timing.jitter_ms}
    facts |= {**asdict(info), **asdict(counters)}
    n_owed = timing.seconds * 1e3 / max(timing.expected_ms, 1e-9)
    if not counters.is_open or counters.callbacks < LEAST_SHARE * n_owed:
        advice = "the device stands still or does not keep its rate: close other programs that use it, or plug it anew"
        return Finding("callbacks", FAIL, measured, advice, facts=facts)
    if counters.callback_p99_ms > timing.expected_ms / 2:
        return Finding(
            "callbacks", WARN, measured, f"half of the time is gone before anything plays: {LARGER}", (), facts
        )
    # Whoever asks a whole block late has used up what the driver keeps ready, unless it keeps more than one.
    if timing.jitter_ms > max(timing.expected_ms, info.latency_out_ms):
        return Finding("callbacks", WARN, measured, _steadier(info.scheduling), facts=facts)
    return Finding("callbacks", OK, measured, facts=facts)


def judge_dropouts(name: str, timing: CallbackTiming) -> Finding:
    """Whether sound was lost; `name` says in what circumstances."""
    counters = timing.counters
    n_lost = counters.xruns_in + counters.xruns_out + counters.late_blocks
    measured = (
        f"{counters.xruns_in} of the input, {counters.xruns_out} of the output, {counters.late_blocks} late blocks "
        f"of {counters.callbacks}"
    )
    facts = {
        "xruns_in": counters.xruns_in,
        "xruns_out": counters.xruns_out,
        "late_blocks": counters.late_blocks,
        "callbacks": counters.callbacks,
    }
    if max(counters.xruns_in, counters.xruns_out) <= AT_START and not counters.late_blocks:
        return Finding(name, OK, measured + (f" ({USUAL_AT_START})" if n_lost else ""), facts=facts)
    is_bad = n_lost > MANY_DROPOUTS * max(1, counters.callbacks)
    return Finding(name, FAIL if is_bad else WARN, measured, _steadier(timing.info.scheduling), facts=facts)


def _steadier(scheduling: str) -> str:
    return f"{LARGER}; {PRIORITY}" if scheduling in ("normal", "nice") else LARGER


def split_latency(trip: RoundTrip) -> tuple[float, float]:
    """What to set, ms: input and output latency, whose sum is the measured round trip.

    Only the sum can be measured with a cable. It is shared in the proportion that PortAudio reports, and in half where
    it reports nothing.
    """
    reported_in, reported_out = max(0.0, trip.info.latency_in_ms), max(0.0, trip.info.latency_out_ms)
    reported = reported_in + reported_out
    share = 0.5 if reported <= 0 else reported_in / reported
    latency_in = round(trip.ms * share, 2)
    return latency_in, round(trip.ms - latency_in, 2)


def judge_round_trip(trip: RoundTrip) -> Finding:
    """What came back through the cable, and what to do with the number."""
    latency_in, latency_out = split_latency(trip)
    reported = trip.info.latency_in_ms + trip.info.latency_out_ms
    measured = (
        f"{trip.ms:.2f} ms, {trip.frames} frames at {trip.info.sample_rate} Hz (PortAudio says {reported:.2f} ms); "
        f"came back at {trip.level_db:.0f} dB"
    )
    details = (
        f"{LOOPER_SET}input_latency_ms {latency_in:g}",
        f"{LOOPER_SET}output_latency_ms {latency_out:g}",
        f"vampbridge live --input-latency-ms {latency_in:g} --output-latency-ms {latency_out:g}",
    )
    facts = {
        "frames": trip.frames,
        "ms": trip.ms,
        "spread_frames": trip.spread_frames,
        "clarity_db": trip.clarity_db,
        "level_db": trip.level_db,
        "input_latency_ms": latency_in,
        "output_latency_ms": latency_out,
    }
    return Finding("round trip", OK, measured, "set, over OSC or at the start:", details, facts)


def no_round_trip(problem: str) -> Finding:
    """Nothing came back, or not reliably; `problem` says what to do."""
    return Finding("round trip", FAIL, "not measured", problem)
