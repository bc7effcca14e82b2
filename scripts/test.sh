#!/usr/bin/env bash
# All checks and tests in three lanes side by side, each with servers of its own: tests wait for processes and servers
# for half of their time, so two cores serve three lanes. The other lanes' output comes last.
set -umo pipefail  # m: each lane is a process group, which can be interrupted as a whole
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="${1:-.venv/bin/python}"
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1  # threads that wait for each other take time from the other lanes
unset PYTHONDONTWRITEBYTECODE  # some machines set it, and each of hundreds of processes would compile all modules anew
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
# What runs elsewhere than its folder, so that the lanes take about as long.
examples=tests/e2e/test_examples.py
alone=(tests/e2e/test_{anomalies_command,baseline_cli,mv_cli}.py)  # without servers
folders=(tests/contract tests/integration tests/unit)
lane 1-processes tests "${folders[@]/#/--ignore=}" "${alone[@]/#/--ignore=}" --ignore="$examples"
lane 2-servers "$examples" tests/integration
make --no-print-directory check
failed=$?
# The shape was checked just now.
"$python" -m pytest -q tests/{unit,contract} "${alone[@]}" --ignore=tests/unit/test_shape.py
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
