#!/bin/sh
# All checks, also after one has failed: who mends wants to see the whole list.
set -u
cd "$(dirname "$0")/.."
failed=

check() {
    printf '=== %s\n' "$*"
    ".venv/bin/$@" || failed="$failed $1"
}

check ruff check .
check ruff format --check .
check mypy
check lint-imports
check djlint web/templates --lint --quiet
if [ -n "$failed" ]; then
    echo "=== FAILED:$failed"
    exit 1
fi
echo "=== Clean"
