"""How good the models are, measured on real data and on noise of known shape."""
