#!/usr/bin/env bash
# All checks and tests in three lanes side by side, each with servers of its own: tests wait for processes and servers
# for half of their time, so two cores serve three lanes. The other lanes' output comes last.
set -umo pipefail  # m: each lane is a process group, which can be interrupted as a whole
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="${1:-.venv/bin/python}"
told="$(mktemp -d)"
lanes=()

lane() { # name, arguments of pytest
  "$python" -m pytest -q "${@:2}" >"$told/$1" 2>&1 &
  lanes+=("$!")
}

end_lanes() {
  for each in "${lanes[@]}"; do kill -INT -- "-$each" 2>/dev/null; done
  wait "${lanes[@]}"
  rm -rf "$told"
}

trap end_lanes EXIT
trap 'exit 130' INT TERM
examples=tests/e2e/test_examples.py  # in the lane that is shorter without them
lane 1-processes tests --ignore=tests/contract --ignore=tests/integration --ignore=tests/unit --ignore="$examples"
lane 2-servers "$examples" tests/integration
make --no-print-directory check
failed=$?
"$python" -m pytest -q tests/unit tests/contract --ignore=tests/unit/test_shape.py  # which was checked just now
here=$?
[ "$here" -eq 2 ] && exit 130  # pytest was interrupted
[ "$failed" -eq 0 ] && failed=$here
for each in "${lanes[@]}"; do
  wait "$each"
  here=$?
  [ "$failed" -eq 0 ] && failed=$here
done
cat "$told"/*
exit "$failed"
