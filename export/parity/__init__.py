"""Replays numbers of the published programs through torch and through ONNX Runtime, and says where they differ.

A fixture set is a folder of arrays (.npz), descriptions (.json) and small checkpoints (.pth) made by running the
published VampNet, LAC and DAC. Everything about it is read from its files: sizes, names, cases. What the arrays mean is
in the set's own README.
"""
