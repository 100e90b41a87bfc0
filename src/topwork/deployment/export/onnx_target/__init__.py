"""ONNX, opset 18: a form for each operator, and the file."""
