#!/bin/sh
# Prints the path of a Python 3.11 or newer, one that can make virtual environments if there is any. PYTHON names one
# to use instead. Each candidate is really started: a pyenv shim exists also for versions that are not there.
set -u

if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3.11 python3.12 python3.13 python3
fi

without_ensurepip=
for name; do
    # The real path, so that an activated .venv does not name itself.
    path=$("$name" -c '
import os, sys
if sys.version_info < (3, 11):
    sys.exit(1)
print(os.path.realpath(sys.executable))' 2>/dev/null) || continue
    if "$path" -c 'import ensurepip, venv' 2>/dev/null; then
        printf '%s\n' "$path"
        exit 0
    fi
    without_ensurepip=${without_ensurepip:-$path}
done

if [ -n "$without_ensurepip" ]; then
    printf '%s\n' "$without_ensurepip" # tools/environment.py says what is missing, with everything else that is
    exit 0
fi

found=$(python3 --version 2>/dev/null) || found='no python3'
printf '%s\n' >&2 \
    "ZoneMatch needs Python 3.11 or newer; found here: $found (tried: $*)." \
    '  On Debian 12:  sudo apt install python3 python3-venv' \
    '  Elsewhere:     name one yourself, as in  make run PYTHON=/opt/python3.12/bin/python3'
exit 1
