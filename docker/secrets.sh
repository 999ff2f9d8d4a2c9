#!/bin/sh
# Makes what docker-compose.yml mounts as secrets, once; files that are there are left alone.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 700 "$folder"

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
url_safe() { tr '+/' '-_'; }
keep() { [ -s "$folder/$1" ] || (umask 022; cat > "$folder/$1"); }

random 24 | tr -dc 'A-Za-z0-9' | keep postgres_password
password=$(cat "$folder/postgres_password")
printf 'postgresql+psycopg://gatehouse:%s@postgres:5432/gatehouse' "$password" | keep gatehouse_ledger_url
printf 'postgresql+psycopg2://gatehouse:%s@postgres:5432/mlflow' "$password" | keep mlflow_backend_store_uri
random 32 | url_safe | keep mlflow_webhook_secret_encryption_key
random 32 | url_safe | keep gatehouse_webhook_secret
random 32 | url_safe | keep gatehouse_console_secret
printf 'whsec_%s' "$(random 32)" | keep gatehouse_plugin_secret
# Filled in by whoever wants them: see docs/notifications.md. Empty is the same as not there.
for optional in gatehouse_slack_bot_token gatehouse_slack_signing_secret gatehouse_slack_webhook_url; do
    printf '' | keep "$optional"
done
echo '{}' | keep channels.yaml
echo "secrets are in $folder"
