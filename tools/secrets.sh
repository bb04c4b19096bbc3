#!/bin/sh
# Makes the passwords that docker-compose.yml mounts, each once: secrets/NAME. Nobody but the folder's owner gets at them; the
# files themselves are readable, for the users inside the containers are others.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
for name in postgres_password elasticsearch_password; do
    if [ -s "secrets/$name" ]; then
        echo "  secrets/$name is there already"
        continue
    fi
    head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' >"secrets/$name.new"
    chmod 444 "secrets/$name.new"
    mv "secrets/$name.new" "secrets/$name"
    echo "  secrets/$name made"
done
