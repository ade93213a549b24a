#!/usr/bin/env python3
"""Compares Gnomon with other libraries on the same workloads, in interleaved rounds.

    make compare COMPARE="--rounds 3 --only 'matmul|conv' --one-thread"

Peers that cannot be imported are named and left out. PEER_PYTHONS lists further interpreters,
separated by colons, that may have them: libraries do not always agree on one environment. Needs
nothing but Python's standard library; the peers need NumPy. ../../docs/performance.md explains the
table.

Exits with 1 where checks disagree.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Name: the modules it needs, its script, and what its environment adds.
PEERS = {
    "jax": (["jax", "numpy"], "peer_jax.py", {}),
    "torch": (["torch", "numpy"], "peer_torch.py", {}),
    "torch-compile": (["torch", "numpy"], "peer_torch.py", {"TORCH_COMPILE": "1"}),
    "pytensor": (["pytensor", "numpy"], "peer_pytensor.py", {}),
    "pytensor-c": (["pytensor", "numpy"], "peer_pytensor.py", {"PYTENSOR_BACKEND": "c"}),
    "onnxruntime": (["onnxruntime", "onnx", "numpy"], "peer_onnxruntime.py", {}),
    "keras": (["keras", "jax", "numpy"], "peer_keras.py", {"TF_CPP_MIN_LOG_LEVEL": "3"}),
    "numpy": (["numpy"], "peer_numpy.py", {}),
}

# These make OpenBLAS take a slower path than its own choice: peers shall be at their best.
UNWANTED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
THREAD_VARIABLES = (
    "BENCH_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--gnomon", default=str(ROOT / ".build/release/gnomon-bench"), metavar="PROGRAM"
    )
    parser.add_argument(
        "--peers",
        default=",".join(PEERS),
        help="which of them, separated by commas: " + ", ".join(PEERS),
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--budget", default="0.5", metavar="SECONDS", help="of timed repetitions for each workload"
    )
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--skip", default="", metavar="REGEX")
    parser.add_argument("--one-thread", action="store_true", help="the same again on one core")
    parser.add_argument(
        "--timeout",
        type=float,
        default=1800,
        metavar="SECONDS",
        help="for one program in one round",
    )
    parser.add_argument("--output", default=str(ROOT / "Benchmarks/Results"), metavar="FOLDER")
    return parser.parse_args()


def interpreters():
    """Each of PEER_PYTHONS that runs, and the one that runs this."""
    named = [p for p in os.environ.get("PEER_PYTHONS", "").split(":") if p]
    found = [shutil.which(p) for p in named]
    for name, path in zip(named, found):
        if path is None:
            say(f"no such interpreter: {name}")
    return [p for p in found if p] + [sys.executable]


def modules_of(python):
    """Which of the peers' modules an interpreter can import; finding them is not enough."""
    wanted = sorted({m for modules, _, _ in PEERS.values() for m in modules})
    code = """
import importlib, sys
for module in sys.argv[1:]:
    try:
        importlib.import_module(module)
        print(module)
    except Exception:
        pass
"""
    done = subprocess.run(
        [python, "-c", code, *wanted],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment({}),
    )
    return set(done.stdout.split())


def find_peers(names):
    """The command and environment of each peer that is there."""
    available = {python: modules_of(python) for python in interpreters()}
    found = {}
    for name in names:
        if name not in PEERS:
            sys.exit(f"there is no peer {name}; there are {', '.join(PEERS)}")
        modules, script, extra = PEERS[name]
        python = next((p for p, have in available.items() if have.issuperset(modules)), None)
        if python:
            found[name] = ([python, str(HERE / script)], extra)
        else:
            say(f"{name}: left out, as no interpreter has {' and '.join(modules)}")
    return found


def environment(extra, one_thread=False):
    result = {k: v for k, v in os.environ.items() if k not in UNWANTED} | extra
    if one_thread:
        result |= dict.fromkeys(THREAD_VARIABLES, "1")
        if not shutil.which("taskset"):
            result["XLA_FLAGS"] = (
                "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
            )
    return result


def run(name, command, extra, chosen, one_thread):
    """The records that a program prints, and one with the reason if it fails."""
    command = command + ["--budget", chosen.budget]
    command += ["--only", chosen.only] if chosen.only else []
    command += ["--skip", chosen.skip] if chosen.skip else []
    if one_thread and shutil.which("taskset"):
        command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]
    failure = None
    try:
        done = subprocess.run(
            command,
            env=environment(extra, one_thread),
            timeout=chosen.timeout,
            capture_output=True,
            text=True,
        )
        text = done.stdout
        if done.returncode:
            failure = f"exit status {done.returncode}: {done.stderr.strip()[-300:]}"
    except subprocess.TimeoutExpired as stopped:
        text = stopped.stdout or b""
        text = text.decode() if isinstance(text, bytes) else text
        failure = f"stopped after {chosen.timeout:.0f} s"
    records = [
        json.loads(line) | {"peer": name}
        for line in text.splitlines()
        if line.startswith("{") and line.endswith("}")
    ]
    if failure:
        say(f"  {name}: {failure}")
        records.append({"peer": name, "error": failure})
    return records


def measure(programs, chosen, one_thread):
    """Rounds, forwards and backwards in turn, so that no program always follows the same one."""
    records = []
    # Everyone compiles anew in the first round, and finds its own cache, if any, in later ones.
    with tempfile.TemporaryDirectory(prefix="compare") as caches:
        for number in range(chosen.rounds):
            order = list(programs) if number % 2 == 0 else list(programs)[::-1]
            for name in order:
                command, extra = programs[name]
                say(f"{'one thread, ' if one_thread else ''}round {number + 1}: {name}")
                extra = extra | {
                    "BENCH_CACHE_DIR": f"{caches}/gnomon",
                    "TORCHINDUCTOR_CACHE_DIR": f"{caches}/inductor",
                    "PYTENSOR_CACHE": f"{caches}/pytensor",
                }
                found = run(name, command, extra, chosen, one_thread)
                records += [r | {"round": number, "one_thread": one_thread} for r in found]
    return records


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    chosen = options()
    if not shutil.which(chosen.gnomon):
        sys.exit(
            f"there is no {chosen.gnomon}; swift build -c release --product gnomon-bench makes it"
        )
    programs = {"gnomon": ([chosen.gnomon], {})} | find_peers(
        [p for p in chosen.peers.split(",") if p]
    )
    records = measure(programs, chosen, one_thread=False)
    if chosen.one_thread:
        records += measure(programs, chosen, one_thread=True)

    comparisons = [
        report.Comparison(records, one_thread)
        for one_thread in ([False, True] if chosen.one_thread else [False])
    ]
    text = "\n".join(c.markdown() for c in comparisons)
    print(text)
    output = Path(chosen.output)
    output.mkdir(parents=True, exist_ok=True)
    (output / "compare.md").write_text(text + "\n")
    (output / "compare.json").write_text(
        json.dumps(
            {"rows": [row for c in comparisons for row in c.json()], "records": records}, indent=1
        )
    )
    say(f"wrote {output / 'compare.md'} and compare.json")
    if any(c.disagreements for c in comparisons):
        sys.exit(1)


if __name__ == "__main__":
    main()
