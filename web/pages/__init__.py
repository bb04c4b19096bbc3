"""One file per job of a user; each has a `router`."""
