"""How other data differ from those that a model was trained on."""
