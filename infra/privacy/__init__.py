"""What is held of an account or rep, and how what identifies them is erased, provably and for good."""
