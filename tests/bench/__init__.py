"""`make bench`: ratios measured side by side in one run. Programs, not tests: no figure of time is ever asserted in CI."""
