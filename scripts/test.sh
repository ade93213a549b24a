#!/usr/bin/env bash
# Runs a command of tests, and says what failed once more at the end, where a log is read first.
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
  printf '\nWhat failed:\n'
  # A failure's own lines follow it up to the next event of the test run.
  awk '/^(◇|✔|↳|\[)/ { shown = 0 } /✘|: error:|^error:|Fatal error/ { shown = 1 } shown' "$log" | head -200
fi
exit "$status"
