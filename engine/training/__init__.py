"""Training of codecs and transformers on a folder of audio, stage by stage. Needs torch; knows no ONNX and no OSC."""
