"""Training of codecs and transformers on a folder of audio, stage by stage. Needs torch; knows no ONNX and no OSC."""

CHECKPOINT = "last.pt"
"""File of a run that it is resumed and exported from. Here, so that it is known without torch."""
