#!/usr/bin/env bash
# All checks and tests in two lanes side by side, each with servers of its own; the second lane's output comes last.
set -umo pipefail  # m: the second lane is a process group, which can be interrupted as a whole
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="${1:-.venv/bin/python}"
first=(tests/contract tests/integration tests/unit)
told="$(mktemp)"

second_lane() {
  "$python" -m pytest -q tests "${first[@]/#/--ignore=}"
}

second_lane >"$told" 2>&1 &
lane=$!
trap 'kill -INT -- "-$lane" 2>/dev/null; wait "$lane"; rm -f "$told"' EXIT
trap 'exit 130' INT TERM
make --no-print-directory check
style=$?
"$python" -m pytest -q "${first[@]}"
one=$?
[ "$one" -eq 2 ] && exit 130  # pytest was interrupted
[ "$one" -eq 0 ] && one=$style
wait "$lane"
two=$?
cat "$told"
exit $((one > 0 ? one : two))
