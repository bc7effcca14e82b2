#!/usr/bin/env bash
# Runs a command inside the project's virtual environment, or opens a shell in it; sets it up first where needed.
#   ./activate_venv.sh python start_agents.py portfolio-intelligence
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[ -f "$root/.venv/.base" ] || make --no-print-directory -C "$root" setup
export PATH="$root/.venv/bin:$PATH" VIRTUAL_ENV="$root/.venv"
if [ $# -gt 0 ]; then exec "$@"; fi
if [ ! -t 0 ]; then echo "Environment ready: $VIRTUAL_ENV"; exit 0; fi
echo "Environment ready; leave with 'exit'."
exec "${SHELL:-bash}"
