"""The table of a comparison: medians of rounds, the ratio to the best peer, agreement of checks."""

import math
from statistics import median

OURS = "gnomon"


def agree(a, b):
    """Whether two checks are the same within 0.2 %, as far as both go; small numbers within a share
    of the largest."""
    a, b = a[: len(b)], b[: len(a)]
    slack = 1e-5 * min(1, max(map(abs, a + b), default=0))
    return all(abs(x - y) <= 2e-3 * max(abs(x), abs(y)) + slack for x, y in zip(a, b))


def shown(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds * 1e9:.4g} ns"


class Comparison:
    """All records of runs with all threads, or of those with one."""

    def __init__(self, records, one_thread):
        self.one_thread = one_thread
        records = [r for r in records if r["one_thread"] == one_thread]
        self.failures = [
            (r["peer"], r.get("workload", "the program"), r["error"])
            for r in records
            if "error" in r
        ]
        measured = [r for r in records if "median_s" in r]
        self.peers = list(dict.fromkeys(r["peer"] for r in measured))
        self.workloads = list(dict.fromkeys(r["workload"].partition("@")[0] for r in measured))
        self.cells = {}  # (workload, peer): seconds, variant, seconds to the first result
        variants = {}
        for r in measured:
            workload, _, variant = r["workload"].partition("@")
            variants.setdefault((workload, r["peer"]), {}).setdefault(variant, []).append(r)
        for key, of_each in variants.items():
            times = {v: median(r["median_s"] for r in rs) for v, rs in of_each.items()}
            best = min(times, key=times.get)
            self.cells[key] = (times[best], best, of_each[best][0].get("compile_s"))
        self.disagreements = self._disagreements(measured)

    def _disagreements(self, measured):
        """Each check that differs from the first one that somebody else has, named with both."""
        found = []
        for workload in self.workloads:
            checks = {}
            for r in measured:
                if r["workload"].partition("@")[0] == workload and r.get("check"):
                    checks.setdefault((r["peer"], r["workload"]), r["check"])
            # A peer's word counts before ours.
            order = sorted(checks, key=lambda k: k[0] == OURS)
            for key in order[1:]:
                if not agree(checks[key], checks[order[0]]):
                    found.append((workload, key[0], checks[key], order[0][0], checks[order[0]]))
        return found

    def best_peer(self, workload):
        theirs = {
            p: self.cells[workload, p][0]
            for p in self.peers
            if p != OURS and (workload, p) in self.cells
        }
        return min(theirs, key=theirs.get, default=None)

    def ratio(self, workload):
        """The best peer's time over ours: above 1 where we are faster."""
        best = self.best_peer(workload)
        if best is None or (workload, OURS) not in self.cells:
            return None
        return self.cells[workload, best][0] / self.cells[workload, OURS][0]

    def ratios(self):
        return {w: r for w in self.workloads if (r := self.ratio(w)) is not None}

    def json(self):
        return [
            {
                "workload": w,
                "one_thread": self.one_thread,
                "seconds": {p: self.cells[w, p][0] for p in self.peers if (w, p) in self.cells},
                "compile_seconds": {
                    p: self.cells[w, p][2] for p in self.peers if (w, p) in self.cells
                },
                "best_peer": self.best_peer(w),
                "ratio": self.ratio(w),
            }
            for w in self.workloads
        ]

    def markdown(self):
        lines = [f"# {'One thread' if self.one_thread else 'All threads'}", ""]
        lines += self._table(["workload", *self.peers, "best peer", "ratio"], self._time_row)
        ratios = self.ratios()
        if ratios:
            mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
            slower = [f"{w} ({r:.2f})" for w, r in ratios.items() if r < 1]
            lines += ["", f"Geometric mean of the ratios of {len(ratios)} rows: **{mean:.2f}**"]
            lines += [f"Slower than the best peer: {', '.join(slower) or 'none'}."]
        lines += ["", "## From the expression to the first result, nothing cached", ""]
        lines += self._table(["workload", *self.peers], self._compile_row)
        lines += ["", "## Checks", ""]
        lines += [
            f"- **DISAGREE** on {w}: {p} has {mine}, {other} has {theirs}"
            for w, p, mine, other, theirs in self.disagreements
        ] or ["All agree."]
        if self.failures:
            lines += ["", "## Failures", ""] + [
                f"- {p}, {w}: {e}" for p, w, e in dict.fromkeys(self.failures)
            ]
        return "\n".join(lines) + "\n"

    def _table(self, titles, row):
        body = [titles, ["---"] + ["---:"] * (len(titles) - 1)] + [row(w) for w in self.workloads]
        return ["| " + " | ".join(cells) + " |" for cells in body]

    def _time_row(self, workload):
        best, ratio = self.best_peer(workload), self.ratio(workload)
        cells = []
        for p in self.peers:
            seconds, variant, _ = self.cells.get((workload, p), (None, "", None))
            text = "" if seconds is None else shown(seconds) + (f" ({variant})" if variant else "")
            cells.append(f"**{text}**" if p == best else text)
        return [workload, *cells, best or "", "" if ratio is None else f"{ratio:.2f}"]

    def _compile_row(self, workload):
        times = [self.cells.get((workload, p), (None, "", None))[2] for p in self.peers]
        return [workload, *("" if t is None else shown(t) for t in times)]
