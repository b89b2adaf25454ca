"""The doctor's verdicts: what works is ok, what is worse than it could be a warning, what fails on stage a failure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vampbridge.bridge.audio.devices import Device, StreamPlan
from vampbridge.bridge.audio.jitter import CallbackTiming
from vampbridge.bridge.audio.loopback import RoundTrip
from vampbridge.bridge.audio.reports import AudioCounters, AudioInfo
from vampbridge.bridge.doctor import machine, models, sound
from vampbridge.bridge.doctor.findings import FAIL, OK, WARN, Finding, worst
from vampbridge.bridge.looper.controls import LooperControls
from vampbridge.bridge.protocol import look_up
from vampbridge.bridge.serve_options import ServeOptions
from vampbridge.engine.deadlines.costs import STAGES, CostModel, Curve
from vampbridge.engine.deadlines.work import ModelFacts
from vampbridge.engine.settings import VampSettings, preset

INFO = AudioInfo("In", "Out", "API", 48_000, 256, (1, 2), (1, 2), 3.0, 9.0, scheduling="fifo")
STEADY = AudioCounters(
    callbacks=562, callback_p99_ms=0.1, period_p50_ms=5.33, period_p99_ms=5.5, period_max_ms=6.0, is_open=True
)


def timing(info=INFO, **counters):
    changed = replace(STEADY, **counters)
    return CallbackTiming(info, 3.0, 5.333, max(0.0, changed.period_p99_ms - 5.333), changed)


def test_the_worst_finding_is_the_verdict():
    found = [Finding("a", OK, ""), Finding("b", FAIL, ""), Finding("c", WARN, "")]
    assert worst(found) == FAIL
    assert worst(found[::2]) == WARN
    assert worst([]) == OK


# The computer.

INSTALLED = {"numpy": "2.1.0", "python-osc": "1.10.2", "onnxruntime": "1.23.0", "onnxruntime-gpu": None}
NEEDS = (
    "numpy>=1.26",
    "python-osc>=1.10.2",
    "onnxruntime>=1.23; sys_platform == 'x'",
    "tomli>=2; python_version < '3'",
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"numpy": "1.26"}, None),
        ({"numpy": "1.25.9"}, "numpy 1.25.9 is too old, 1.26 is needed"),
        ({"python-osc": "1.9.3"}, "python-osc 1.9.3 is too old"),
        ({"numpy": None}, "numpy is missing"),
        ({"onnxruntime": None}, "ONNX Runtime is missing"),
        ({"onnxruntime": None, "onnxruntime-gpu": "1.23.0"}, None),
        ({"onnxruntime-gpu": "1.23.0"}, "onnxruntime and onnxruntime-gpu are both installed"),
    ],
)
def test_packages_that_are_missing_too_old_or_twice_there_fail(changes, said):
    found = machine.judge_packages(machine.Packages("3.11.7", "0.1.0", NEEDS, {**INSTALLED, **changes}))
    assert found.verdict == (OK if said is None else FAIL)
    assert said is None or said in found.measured
    assert bool(found.advice) == (said is not None)


def test_a_second_process_is_needed():
    assert machine.judge_spawn(None, 0.4).verdict == OK
    found = machine.judge_spawn("exit 1", 0.4)
    assert found.verdict == FAIL
    assert "exit 1" in found.measured


@pytest.mark.parametrize(
    ("megabytes", "verdict"), [(None, OK), (2_000, OK), (70, OK), (64, WARN), (10, WARN), (9, FAIL), (0, FAIL)]
)
def test_shared_memory_must_hold_a_loop_on_all_its_ways(megabytes, verdict):
    found = machine.judge_shared_memory(None if megabytes is None else megabytes * 1_000_000, 48_000)
    assert found.verdict == verdict
    assert ("--shm-size" in found.advice) == (verdict != OK)


def test_shared_memory_is_counted_at_the_rate_of_the_card():
    assert machine.judge_shared_memory(100_000_000, 48_000).verdict == OK
    assert machine.judge_shared_memory(100_000_000, 192_000).verdict == WARN


@pytest.mark.parametrize(
    ("n_free", "is_writable", "verdict"),
    [(50e9, True, OK), (1.9e9, True, WARN), (0.19e9, True, FAIL), (50e9, False, FAIL)],
)
def test_sessions_need_room_and_a_folder_that_can_be_written(n_free, is_writable, verdict):
    found = machine.judge_disk(machine.Disk("/sets", is_writable, int(n_free)), 48_000)
    assert found.verdict == verdict
    assert "/sets" in found.measured
    assert ("--no-session" in found.advice) == (verdict != OK)


def test_minutes_are_what_fits_before_nothing_more_is_kept():
    found = machine.judge_disk(
        machine.Disk("/sets", is_writable=True, n_free=200_000_000 + 48_000 * 8 * 60 * 90), 48_000
    )
    assert found.facts["minutes"] == 90


def test_the_port_to_listen_on_must_be_free_and_the_one_of_replies_need_not():
    options = ServeOptions()
    assert machine.judge_ports(options, [None, None]).verdict == OK
    listening = machine.judge_ports(options, [None, "cannot listen"])
    assert listening.verdict == OK
    assert "8003 is in use, as it should be" in listening.measured
    busy = machine.judge_ports(options, ["cannot listen on UDP 127.0.0.1 port 8001", None])
    assert busy.verdict == FAIL
    assert "--port" in busy.advice


def test_osc_over_tcp_needs_its_port_and_says_how_to_do_without():
    assert machine.judge_tcp_port(ServeOptions(), None).verdict == OK
    busy = machine.judge_tcp_port(ServeOptions(port=9_000), "cannot listen; --no-tcp does without")
    assert (busy.verdict, busy.measured) == (FAIL, "TCP 9000 cannot be opened")
    assert busy.advice == "cannot listen; --no-tcp does without; --port NUMBER moves UDP and TCP together"


@pytest.mark.parametrize(
    ("options", "port", "verdict"),
    [
        (ServeOptions(), 8_002, WARN),  # a free one is taken
        (ServeOptions(port=65_535), 0, WARN),
        (ServeOptions(port=0), 0, WARN),
        (ServeOptions(oscquery_port=9_100), 9_100, FAIL),
        (ServeOptions(port=9_100, oscquery_port=9_100), 9_100, FAIL),
    ],
)
def test_a_port_for_oscquery_that_was_asked_for_must_be_free_and_another_need_not(options, port, verdict):
    assert machine.query_port(options) == port
    busy = machine.judge_query_port(options, "cannot listen")
    assert (busy.verdict, busy.facts) == (verdict, {"port": port})
    assert "--oscquery-port" in busy.advice


def test_oscquery_and_osc_over_tcp_cannot_share_a_port():
    shared = ServeOptions(port=9_100, oscquery_port=9_100)
    assert machine.judge_query_port(shared, None).verdict == FAIL
    assert machine.judge_query_port(replace(shared, tcp=False), None).verdict == OK
    assert machine.judge_query_port(ServeOptions(port=0, oscquery_port=0), None).verdict == OK


# The sound card.

CARD = Device(0, "Card", "API", 2, 2, 48_000)


def plan_of(source, sink):
    return StreamPlan(source, sink, (1, 2), (1, 2), (48_000,), 256, "low")


def test_portaudio_that_is_missing_fails_with_what_to_install():
    assert sound.judge_portaudio("V19").verdict == OK
    found = sound.judge_portaudio(None, "apt install libportaudio2")
    assert (found.verdict, found.advice) == (FAIL, "apt install libportaudio2")


def test_two_cards_drift_apart():
    assert sound.judge_devices(plan_of(CARD, CARD), 48_000).verdict == OK
    twin = replace(CARD, number=1, n_inputs=0)
    assert sound.judge_devices(plan_of(CARD, twin), 48_000).verdict == OK
    found = sound.judge_devices(plan_of(CARD, replace(CARD, number=1, name="Other")), 48_000)
    assert found.verdict == WARN
    assert "two clocks" in found.advice


@pytest.mark.parametrize(
    ("counters", "verdict"),
    [
        ({}, OK),
        ({"period_p99_ms": 14.0}, OK),  # late, but the driver keeps 9 ms ready
        ({"period_p99_ms": 14.5}, WARN),
        ({"callback_p99_ms": 3.0}, WARN),
        ({"callbacks": 300}, FAIL),
        ({"callbacks": 0}, FAIL),
        ({"is_open": False}, FAIL),
    ],
)
def test_a_device_that_does_not_ask_in_time_is_told_from_one_that_does(counters, verdict):
    found = sound.judge_period(timing(**counters))
    assert found.verdict == verdict
    assert bool(found.advice) == (verdict != OK)


@pytest.mark.parametrize(
    ("counters", "verdict"),
    [
        ({}, OK),
        ({"xruns_in": 1, "xruns_out": 1}, OK),  # as the stream started
        ({"xruns_out": 2}, WARN),
        ({"late_blocks": 1}, WARN),
        ({"xruns_in": 3, "xruns_out": 3}, FAIL),
    ],
)
def test_dropouts_warn_and_many_fail(counters, verdict):
    found = sound.judge_dropouts("dropouts", timing(**counters))
    assert found.verdict == verdict
    assert ("--block" in found.advice) == (verdict != OK)


def test_the_dropout_of_a_stream_that_starts_is_said_to_be_usual_and_no_dropout_is_not():
    usual = "one at the start is usual"
    assert usual in sound.judge_dropouts("dropouts", timing(xruns_out=1)).measured
    assert usual not in sound.judge_dropouts("dropouts", timing()).measured
    assert usual not in sound.judge_dropouts("dropouts", timing(xruns_out=2)).measured


def test_real_time_priority_is_advised_only_where_there_is_none():
    many = {"xruns_out": 50}
    assert "real-time" not in sound.judge_dropouts("dropouts", timing(**many)).advice
    without = timing(replace(INFO, scheduling="normal"), **many)
    assert "real-time" in sound.judge_dropouts("dropouts", without).advice


def trip(ms=12.0, **info):
    return RoundTrip(round(ms * 48), 0, 40.0, ms, -18.0, replace(INFO, **info))


@given(st.floats(0.0, 499.0), st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_both_latencies_add_up_to_what_was_measured(ms, reported_in, reported_out):
    latency_in, latency_out = sound.split_latency(trip(ms, latency_in_ms=reported_in, latency_out_ms=reported_out))
    assert latency_in + latency_out == pytest.approx(ms, abs=0.011)  # rounded to hundredths
    assert LooperControls(input_latency_ms=latency_in, output_latency_ms=latency_out)


def test_the_round_trip_is_shared_as_portaudio_reports_it():
    assert sound.split_latency(trip(12.0)) == (3.0, 9.0)
    assert sound.split_latency(trip(12.0, latency_in_ms=0.0, latency_out_ms=0.0)) == (6.0, 6.0)


def test_what_to_set_is_said_in_messages_that_exist():
    found = sound.judge_round_trip(trip(12.0))
    assert found.verdict == OK
    assert found.details[:2] == (
        "/vamp/looper/set/input_latency_ms 3",
        "/vamp/looper/set/output_latency_ms 9",
    )
    for line in found.details[:2]:
        address, value = line.split()
        message, _ = look_up(address)
        assert message.parse((float(value),), "f")
    assert "--input-latency-ms 3 --output-latency-ms 9" in found.details[2]


# The engine.

FACTS = ModelFacts(44_100, 768, 14, 4, 575, 345)
BALANCED = preset("balanced")


def costs_of(encode=(0.02, 0.1), decode=(0.02, 0.1), one_pass=(0.002, 0.01)):
    """Seconds at 29 and at 459 frames (0.5 s and 8 s)."""
    seconds = dict(zip(STAGES, (encode, one_pass, one_pass, decode), strict=True))
    curves = {name: Curve(((29, pair[0]), (459, pair[1]))) for name, pair in seconds.items()}
    rows = {(name, filtered): 1e-6 for name in ("coarse", "fine") for filtered in (False, True)}
    return CostModel(FACTS, curves, rows)


def test_a_quick_machine_varies_every_loop_with_every_pass():
    found = models.judge_costs(costs_of(), BALANCED)
    assert found.verdict == OK
    assert found.advice == ""
    assert len(found.details) == len(models.LOOPS_S)
    assert all(line.endswith("every pass") for line in found.details)
    assert all(loop["complete"] for loop in found.facts["loops"])


def test_short_loops_that_come_a_round_late_are_a_warning_that_names_them():
    found = models.judge_costs(costs_of(encode=(0.8, 1.0)), BALANCED)
    assert found.verdict == WARN
    assert "loops of 0.5, 1 s" in found.advice
    assert found.details[0].endswith("s for everything; by the next seam: not, 2 rounds later")
    assert found.details[2].endswith("every pass")
    assert 1.0 < found.facts["complete_from_s"] < 2.0


def test_fewer_passes_are_said_and_are_no_failure():
    found = models.judge_costs(costs_of(one_pass=(0.02, 0.6)), BALANCED)
    assert found.verdict == OK
    assert any(" passes" in line and " of " in line for line in found.details)
    assert found.facts["complete_to_s"] < found.facts["in_time_to_s"]


def test_a_machine_that_varies_no_loop_in_time_fails_and_says_what_helps():
    found = models.judge_costs(costs_of(encode=(9.0, 90.0)), BALANCED)
    assert found.verdict == FAIL
    assert "smaller bundle" in found.advice
    assert found.measured.count("no loop") == 1  # neither with every pass nor with fewer
    assert found.facts["in_time_to_s"] == 0


@settings(max_examples=15)  # each of them looks at more than two hundred lengths
@given(st.floats(1e-3, 3.0), st.floats(1e-3, 3.0), st.floats(1e-4, 0.5))
def test_every_loop_within_reach_is_promised_for_its_next_seam(encode, decode, one_pass):
    costs = costs_of((encode, 2 * encode), (decode, 2 * decode), (one_pass, 4 * one_pass))
    spans = {complete: models.reach(costs, BALANCED, complete=complete) for complete in (True, False)}
    for loop_s in models.LOOPS_S:
        each = models.outlook(costs, BALANCED, loop_s)
        if spans[False][0] <= loop_s / models.STEP and loop_s * models.STEP <= spans[False][1]:
            assert each.plan.cycles_late == 0
        if spans[True][0] <= loop_s / models.STEP and loop_s * models.STEP <= spans[True][1]:
            assert each.is_complete
        assert not each.is_complete or each.plan.safe_s <= loop_s


def test_more_passes_reach_less_far():
    costs = costs_of(one_pass=(0.02, 0.3))
    few, many = (models.reach(costs, VampSettings(coarse_passes=n), complete=True)[1] for n in (4, 36))
    assert many < few


@pytest.mark.parametrize(
    ("obstacle", "wanted", "used", "verdict", "said"),
    [
        (None, "auto", "cuda", OK, "cuda works"),
        ("no NVIDIA driver", "auto", "cpu", OK, "no NVIDIA driver"),
        (None, "auto", "cpu", WARN, "cuda does not"),
        (None, "cpu", "cpu", OK, "cpu was asked for"),
    ],
)
def test_a_gpu_that_is_there_and_not_used_is_a_warning(obstacle, wanted, used, verdict, said):
    found = models.judge_runtime(models.Runtime("onnxruntime-gpu 1.23", obstacle), wanted, used)
    assert found.verdict == verdict
    assert said in found.measured
    assert ("vampbridge[cuda]" in found.advice) == (verdict == WARN)
