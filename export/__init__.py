"""Trained checkpoints to model bundles: ONNX graphs, checked against torch. Knows nothing of the bridge."""
