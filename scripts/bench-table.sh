#!/usr/bin/env bash
# Shows the JSON lines of a benchmark program, given as the command, as a table while they come.
set -euo pipefail

"$@" | awk '
  function field(name,   rest) {
    if (!match($0, "\"" name "\": *")) return ""
    rest = substr($0, RSTART + RLENGTH)
    if (substr(rest, 1, 1) == "\"") { rest = substr(rest, 2); sub(/".*/, "", rest) }
    else sub(/[,}].*/, "", rest)
    return rest
  }
  function time(s) {
    if (s == "") return "-"
    s += 0
    if (s >= 1) return sprintf("%.3f s", s)
    if (s >= 1e-3) return sprintf("%.3f ms", s * 1e3)
    return sprintf("%.3f us", s * 1e6)
  }
  !/^\{/ { print; next }
  !shown++ { printf "%-36s %12s %12s %12s %7s\n", "workload", "median", "least", "compile", "reps" }
  {
    printf "%-36s %12s %12s %12s %7s\n", field("workload"), time(field("median_s")),
      time(field("min_s")), time(field("compile_s")), field("reps")
    fflush()
  }'
