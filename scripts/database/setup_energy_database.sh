#!/usr/bin/env bash
# Starts the database (embedded unless REDAPTIVE_DATABASE_URL is set), creates the energy schema and loads sample data.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
"$root/activate_venv.sh" redaptive services start
"$root/activate_venv.sh" redaptive db upgrade
"$root/activate_venv.sh" redaptive sample load --size demo "$@"
