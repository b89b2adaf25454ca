"""The beat: its own tempo, tapping, MIDI clock, Ableton Link, and how loops, bars and tempo go together.

Seconds are those of `time.monotonic`, and come in as arguments. No sound, no OSC here.
"""
