#!/bin/sh
# Every file of /run/secrets becomes a variable of the same name in capitals, then the service takes over.
# So no secret stands in the compose file, in a command line, or in an image.
set -eu
for secret in /run/secrets/*; do
    [ -f "$secret" ] || continue
    name=$(basename "$secret" | tr '[:lower:]' '[:upper:]')
    export "$name=$(cat "$secret")"
done
exec "$@"
