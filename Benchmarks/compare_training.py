#!/usr/bin/env python3
"""Training steps of Atelier and PyTorch, run in turns on the same cores of one machine.

    compare_training.py [--models vae-dense,vae-conv] [--threads 1,2] [--rounds 5] [--steps 200]

Build first (`swift build -c release`); PyTorch's side runs with this very Python, or the one that
PYTHON names. Each round runs Atelier, then the peer, both bound to the first `threads` cores; a row
holds medians over rounds; `ratio` is the peer's time over Atelier's: above 1, Atelier is faster.

A run during which other processes used more than 5 % of a core is void: it is said so, nothing is
written, exit code 75. Otherwise results go to Benchmarks/results/DATE-training.json.
"""

import argparse
import datetime
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / "Benchmarks/peers/vae.py"
ALLOWED_OTHERS = 0.05  # of one core
VOID = 75


class Load:
    """What share of a core the processes that are not ours have used since the beginning."""

    def __init__(self):
        self.began, self.before = time.monotonic(), self.others()

    @staticmethod
    def others():
        with open("/proc/stat") as stat:
            user, nice, system, _, _, irq, softirq, steal, *_ = map(
                int, stat.readline().split()[1:]
            )
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return busy - sum(usage.ru_utime + usage.ru_stime for usage in own)

    def share(self):
        return max(0.0, (self.others() - self.before) / (time.monotonic() - self.began))


def void_if_busy(load):
    if load.share() > ALLOWED_OTHERS:
        print(
            f"void: other processes used {load.share():.0%} of a core, more than"
            f" {ALLOWED_OTHERS:.0%}; run again on a quiet machine",
            file=sys.stderr,
        )
        sys.exit(VOID)


def timed_row(command, threads, name):
    """The row of that name among what a benchmark prints, run on the first `threads` cores."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    if len(cores) < threads:
        sys.exit(f"{threads} threads asked for, but only {len(cores)} cores may be used")
    ran = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    if ran.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {ran.returncode}")
    (row,) = [row for row in json.loads(ran.stdout)["rows"] if row["name"] == name]
    return row


def compare(model, threads, arguments):
    count = ["--steps", str(arguments.steps), "--threads", str(threads), "--json"]
    atelier = [arguments.atelier, "bench", "training", "--model", model, *count]
    python = os.environ.get("PYTHON", sys.executable)
    pytorch = [python, PEER, "steps", model.removeprefix("vae-"), *count]
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(timed_row(atelier, threads, model))
        theirs.append(timed_row(pytorch, threads, model))
    our_time = statistics.median(row["milliseconds"] for row in ours)
    their_time = statistics.median(row["milliseconds"] for row in theirs)
    return {
        "name": model,
        "shape": theirs[0]["shape"],
        "threads": threads,
        "precision": "float32",
        "milliseconds": our_time,
        "peers": {"pytorch": their_time},
        "ratio": their_time / our_time,
        "rounds": {
            "atelier": [row["milliseconds"] for row in ours],
            "pytorch": [row["milliseconds"] for row in theirs],
        },
        "variant": theirs[0]["variant"],
    }


def processor():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write(result):
    date = datetime.date.today().isoformat()
    path = ROOT / f"Benchmarks/results/{date}-training.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="vae-dense,vae-conv")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--atelier", default=ROOT / ".build/release/atelier")
    arguments = parser.parse_args()

    quiet = Load()
    time.sleep(2)
    void_if_busy(quiet)
    load, rows = Load(), []
    for model in arguments.models.split(","):
        for threads in map(int, arguments.threads.split(",")):
            row = compare(model, threads, arguments)
            void_if_busy(load)
            print(
                f"{row['name']}, {threads} threads: {row['milliseconds']:.2f} ms,"
                f" pytorch {row['peers']['pytorch']:.2f} ms ({row['variant']}),"
                f" ratio {row['ratio']:.2f}",
                file=sys.stderr,
            )
            rows.append(row)
    others = round(load.share(), 4)
    write({"device": processor(), "othersShareOfCore": others, "rows": rows})


if __name__ == "__main__":
    main()
