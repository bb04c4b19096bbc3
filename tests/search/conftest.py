"""Fixtures of the search room's tests."""

from tests.search.encoder_fixtures import encoder, encoder_folder, tiny_file, tiny_folder

__all__ = ["encoder", "encoder_folder", "tiny_file", "tiny_folder"]
