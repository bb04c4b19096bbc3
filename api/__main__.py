"""`python -m api` is the command `zonematch`, for where it is not installed."""

from api.cli import main

main()
