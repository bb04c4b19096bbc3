#!/bin/sh
# `make run`: look at the machine, install once, build the encoder once, then become the server.
# Settings come from the environment (ZONEMATCH_DATA, ZONEMATCH_PORT, ZONEMATCH_DEMO …); the Makefile sets them.
set -eu
cd "$(dirname "$0")/.."

python=$(sh tools/find-python.sh)
"$python" tools/environment.py runtime --data "$ZONEMATCH_DATA" --port "$ZONEMATCH_PORT"
if [ -z "${ZONEMATCH_ENCODER:-}" ] && [ ! -f "$ZONEMATCH_DATA/encoder/modules.json" ]; then
    .venv/bin/zonematch encoder build
fi
if [ "${ZONEMATCH_ENGINE:-}" = elasticsearch ] && [ -z "${ELASTICSEARCH_URL:-}${ZONEMATCH_ELASTICSEARCH_URL:-}" ]; then
    port=${ES_PORT:-9200}
    "$python" tools/elastic_server.py start --data "$ZONEMATCH_DATA" --port "$port"
    export ELASTICSEARCH_URL="http://127.0.0.1:$port"
fi
exec .venv/bin/zonematch serve
