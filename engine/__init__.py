"""Loops in, variations out: audio, tokens, masks and models. Knows nothing of OSC, devices or clocks."""
