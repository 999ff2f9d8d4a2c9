#!/bin/sh
# Run by PostgreSQL's image on an empty volume: MLflow has a database of its own beside the ledger's.
set -eu
createdb --username "$POSTGRES_USER" mlflow
