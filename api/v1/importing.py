"""Importing sheets."""

from api.v1 import PREFIX

UPLOADS = f"{PREFIX}/imports"
