#!/usr/bin/env bash
# Checks the database: reachable, schema current, row-level security on, pool healthy.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
exec "$root/activate_venv.sh" redaptive db check "$@"
