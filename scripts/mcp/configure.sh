#!/usr/bin/env bash
# Prints the configuration with which Claude Desktop, an IDE or any MCP client starts the agents over stdio.
#   scripts/mcp/configure.sh > claude_desktop_config.json
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
exec "$root/activate_venv.sh" redaptive agents config "$@"
