#!/bin/sh
# Runs parts of the suite, a pytest call each, and says in the last lines what was not run and why.
# Usage: tools/test.sh unit|embedded-postgresql|elasticsearch-postgresql|browser|slow|kills|fuzz …    ARGS are handed to pytest, WORKERS is the number of processes.
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- unit browser

not_run=$(mktemp)
trap 'rm -f "$not_run"' EXIT
trap 'exit 130' INT TERM
failed=

part() {
    name=$1
    shift
    printf '\n=== %s tests\n' "$name"
    # shellcheck disable=SC2086 # ARGS are several words
    .venv/bin/pytest --not-run="$not_run" "$@" ${ARGS:-}
    case $? in
    0) ;;
    5) [ "$name" != unit ] || [ -n "${ARGS:-}" ] || failed="$failed $name" ;; # nothing was selected
    *) failed="$failed $name" ;;
    esac
}

for name; do
    case $name in
    # Not by groups: xdist knows those by node ids, and schemathesis gives all operations of the API one.
    unit) part unit -n "${WORKERS:-2}" --ignore=tests/browser -m 'not slow' ;;
    # What depends on database or engine, on others than the unit part had.
    embedded-postgresql | elasticsearch-postgresql)
        export ZONEMATCH_TEST_ON=$name
        [ "$name" = embedded-postgresql ] && chosen=on_database || chosen=on_engine
        part "$name" -n "${WORKERS:-2}" -m "$chosen and not slow" tests/matching tests/functional tests/api tests/fuzz
        unset ZONEMATCH_TEST_ON
        ;;
    # By themselves: playwright leaves a running event loop in its process. One at a time, for they measure what people see.
    browser) part browser tests/browser -m 'not slow' ;;
    slow) part slow --ignore=tests/kills -m slow ;;
    kills) part kills tests/kills ;;
    # Every property with many more examples, which take longer than a test may elsewhere.
    fuzz) part fuzz -n "${WORKERS:-2}" --ignore=tests/browser --ignore=tests/kills -m hypothesis --hypothesis-profile=many --timeout 3000 ;;
    *)
        echo "no such part: $name" >&2
        exit 2
        ;;
    esac
done

case " $* " in
*" slow "*" kills "*) sed -i '/ make test-all$/d' "$not_run" ;; # left out of one call, run by another
esac
printf '\n=== Not run\n'
if [ -s "$not_run" ]; then
    awk -F '\t' '{ count[$2] += $1 } END { for (reason in count) printf "%6d  %s\n", count[reason], reason }' "$not_run" | sort -k 2
else
    echo "  nothing: every test of these parts was run"
fi
if [ -n "$failed" ]; then
    echo "=== FAILED:$failed"
    exit 1
fi
echo "=== Passed: $*"
