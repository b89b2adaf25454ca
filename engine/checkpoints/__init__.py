"""Reads the published checkpoints of VampNet, LAC and DAC into our own modules, weights only (extra `models`)."""
