"""The codec and the transformers as torch modules. Nothing that performs imports this: it runs their ONNX graphs."""
