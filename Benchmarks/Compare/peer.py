"""What every peer's script does: options, the clock, and a line of JSON for each workload."""

import argparse
import json
import os
import re
import time
from statistics import median

import numpy as np

import workloads


class Peer:
    """A library: its script says what is particular to it, and gives the formulas."""

    def __init__(self, name):
        self.name = name
        self.threads = int(os.environ.get("BENCH_THREADS", "0"))
        self.implementations = []

    # What a library may do in its own way.

    def place(self, array):
        """The library's own array of this one."""
        return array

    def compile(self, function):
        return function

    def wait(self, result):
        """Returns when the result is there."""

    def fetch(self, value):
        return np.asarray(value)

    # What its script registers: for each workload a setup, a function that takes the placed inputs,
    # compiles, and returns two functions. One runs once and returns a result or a loss. The other,
    # or None, gives the arrays of the check in the order and layout that all peers share: from the
    # result of a call, or from nothing after training.

    def setup(self, *names, variant=""):
        """The decorated function is a setup."""

        def register(setup):
            self.implementations += [(name, variant, setup) for name in names]
            return setup

        return register

    def call(self, *names, variant="", **options):
        """The decorated function takes the workload's inputs and returns its results."""

        def register(function):
            self.setup(*names, variant=variant)(self.setup_of(function, **options))
            return function

        return register

    def setup_of(self, function):
        def setup(*inputs):
            compiled = self.compile(function)
            return (lambda: compiled(*inputs)), None

        return setup

    # The run.

    def main(self):
        options = argparse.ArgumentParser(description=f"Runs the workloads with {self.name}.")
        options.add_argument("--only", default="", metavar="REGEX")
        options.add_argument("--skip", default="(?!)", metavar="REGEX")
        options.add_argument("--budget", type=float, default=0.5, metavar="SECONDS")
        chosen = options.parse_args()
        table = {w.name: w for w in workloads.ALL}
        for name, variant, setup in self.implementations:
            if not re.search(chosen.only, name) or re.search(chosen.skip, name):
                continue
            record = {"peer": self.name, "workload": name + ("@" + variant if variant else "")}
            try:
                record |= self.measure(table[name], setup, chosen.budget)
            except Exception as error:
                record["error"] = f"{type(error).__name__}: {error}"[:300]
            print(json.dumps(record), flush=True)

    def measure(self, workload, setup, budget):
        inputs = [self.place(a) for a in workload.inputs()]
        start = time.perf_counter()
        run, shown = setup(*inputs)
        result = run()
        self.wait(result)
        found = {"compile_s": time.perf_counter() - start}
        if workload.steps:
            losses = [float(self.fetch(result))] + [
                float(self.fetch(run())) for _ in range(workload.steps - 1)
            ]
            check = [losses[0], losses[-1]] + workloads.of_all([self.fetch(v) for v in shown()])
        else:
            check = workload.check([self.fetch(r) for r in (shown or flat)(result)])
        found["check"] = [float(f"{v:.7g}") for v in check] if workload.checked else []
        return found | self.timed(run, budget)

    def timed(self, run, budget):
        """Repeats for the budget and at least five times; short calls in groups of about 1 ms."""

        def elapsed(calls):
            start = time.perf_counter()
            for _ in range(calls):
                self.wait(run())
            return time.perf_counter() - start

        elapsed(1)
        once = elapsed(1)
        group = 1 if once > 1e-3 else max(1, int(1e-3 / max(once, 1e-7)))
        times, end = [], time.perf_counter() + budget
        while len(times) < 5 or (time.perf_counter() < end and len(times) < 2000):
            times.append(elapsed(group) / group)
            if sum(times) * group > 12:
                break
        return {"median_s": median(times), "min_s": min(times), "reps": len(times), "inner": group}


def flat(result):
    """The arrays of nested lists and tuples."""
    return (
        [a for part in result for a in flat(part)]
        if isinstance(result, (list, tuple))
        else [result]
    )
