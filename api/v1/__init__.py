"""The JSON API, version 1, unstable until it is declared otherwise: the same use-cases, drafts and access as the pages."""

PREFIX = "/api/v1"
