"""Keras: a functional model of layers and ``keras.ops``."""
