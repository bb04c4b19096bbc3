"""Texts to vectors: the transformer behind the `Encoder` port, its folder, and a hashing encoder for unit tests."""
