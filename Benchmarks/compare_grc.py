#!/usr/bin/env python3
"""Whole fits by `atelier grc fit` beside PyTorch's, in turns; `Benchmarks/run grc` starts it.

    Benchmarks/run grc [--seeds 10] [--epochs 100000] [--provisional]

For every seed Atelier makes a whole fit, then PyTorch its loop, from the template models of that
fit and from its networks after one epoch, with mixes of its own: final losses depend on the first
numbers far more than on the mixes, so that medians of ten unpaired seeds would often differ by more
than a tenth for nothing. Beside the first seed PyTorch also does the whole
work from numbers of its own, on one thread and on two; the faster counts, so that one which takes
longer than the first is stopped. PyTorch runs in the Python that runs this.

The machine must be quiet: a run beside which others use more than 5 % of a core is made again, and
after four the comparison is void (exit status 75). `--provisional` compares all the same, and
prints what it would have written: seconds are void, losses do not depend on it.
"""

import argparse
import datetime
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Load, Refusal, device, instruction_set, output, write

PEER = Path(__file__).parent / "peers" / "grc.py"
THREADS = (1, 2)
START = 20  # seconds that Python and PyTorch may take to start


class Comparison:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, Path(folder)
        self.load = Load(is_watched=not arguments.provisional)
        self.ours, self.whole, self.loops, self.stopped = [], [], [], []
        self.device = None

    def fit(self, seed, epochs):
        """A whole fit by Atelier; what it says, and its checkpoint."""
        run = self.folder / f"seed-{seed}-{epochs}"
        shutil.rmtree(run, ignore_errors=True)
        command = [self.arguments.atelier, "grc", "fit", "--seed", seed, "--out", run, "--json"]
        command += ["--epochs", epochs]
        command += ["--set", f"templateSteps={self.arguments.template_steps}"]
        told = output(command, "atelier")
        checkpoint = told.pop("checkpoint")
        del told["run"]  # like the checkpoint's, a path of this machine
        return {"seed": seed} | told, checkpoint

    def peer(self, checkpoint, seed, threads, *more, limit=None):
        command = [sys.executable, PEER, checkpoint, "--seed", seed, "--threads", threads, *more]
        command += ["--epochs", self.arguments.epochs]
        command += ["--template-steps", self.arguments.template_steps]
        return self.load.quietly(lambda: output(command, "PyTorch", limit))

    def whole_works(self, checkpoint, seed):
        for threads in THREADS:
            limit = START + 1.2 * whole_seconds(self.whole[0]) if self.whole else None
            run = self.peer(checkpoint, seed, threads, limit=limit)
            if run is None:
                self.stopped.append({"threads": threads, "seconds": limit})
                print(f"PyTorch on {threads}: stopped after {limit:.0f} s", file=sys.stderr)
                continue
            self.whole.append(run)
            say(f"PyTorch, all of it on {threads}", run, whole_seconds(run))

    def run(self):
        for seed in range(1, self.arguments.seeds + 1):
            ours, checkpoint = self.load.quietly(lambda: self.fit(seed, self.arguments.epochs))
            self.ours.append(ours)
            self.device = device(instruction_set(checkpoint))
            say("atelier", ours, ours["seconds"])
            if seed == 1:
                self.whole_works(checkpoint, seed)
            threads = min(self.whole, key=whole_seconds)["threads"]
            _, start = self.fit(seed, 1)
            loop = self.peer(start, seed, threads, "--skip-templates", "--start")
            self.check(loop)
            self.loops.append(loop)
            say(f"PyTorch, its loop on {threads}", loop, loop["epochSeconds"])

    def check(self, loop):
        """Refuses to compare where the peer does not make the same of the same template models."""
        for ours, theirs in zip(
            self.ours[-1]["templateErrors"], loop["templateErrors"], strict=True
        ):
            if abs(ours - theirs) > 1e-5:
                raise Refusal(
                    f"PyTorch computes something else: template models within {theirs} there"
                    f" and {ours} here; not compared"
                )

    def summary(self):
        def median(runs, what):
            return statistics.median(run[what] for run in runs)

        seconds = median(self.ours, "seconds")
        timed = self.whole + self.loops
        loop = min(
            median([run for run in timed if run["threads"] == threads], "epochSeconds")
            for threads in {run["threads"] for run in timed}
        )
        whole = min(map(whole_seconds, self.whole))
        losses = median(self.ours, "lossG"), median(self.loops, "lossG")
        pairs = zip(self.ours, self.loops, strict=True)
        of_seeds = [ours["lossG"] / theirs["lossG"] for ours, theirs in pairs]
        return {
            "seconds": seconds,
            "peerLoopSeconds": loop,
            "peerWholeSeconds": whole,
            "ratioToPeerLoop": loop / seconds,
            "ratioToPeerWhole": whole / seconds,
            "medianLossG": losses[0],
            "peerMedianLossG": losses[1],
            "lossGRatio": losses[0] / losses[1],
            "lossGRatioOfSeeds": [min(of_seeds), max(of_seeds)],
        }

    def report(self):
        version = subprocess.run(
            [self.arguments.atelier, "--version"], capture_output=True, text=True, check=True
        )
        for run in self.whole + self.loops:
            peer = run.pop("peer")
        return {
            "kind": "grc",
            "command": self.arguments.command,
            "date": datetime.date.today().isoformat(),
            "device": self.device,
            "versions": {
                "atelier": version.stdout.strip(),
                "peer": peer,
                "python": platform.python_version(),
            },
            "epochs": self.arguments.epochs,
            "templateSteps": self.arguments.template_steps,
            "isProvisional": self.arguments.provisional,
            "othersShareOfCore": round(self.load.most, 4),
            "summary": self.summary(),
            "fits": self.ours,
            "peerWhole": self.whole,
            "peerWholeStopped": self.stopped,
            "peerLoops": self.loops,
        }


def whole_seconds(run):
    return run["templateSeconds"] + run["epochSeconds"]


def say(who, run, seconds):
    print(f"{who}: seed {run['seed']}, {seconds:.2f} s, lossG {run['lossG']:.4f}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--atelier", required=True, help="the program")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("--seeds", type=int, default=10, help="fits of each side, by seeds from 1")
    parser.add_argument("--epochs", type=int, default=100_000)
    parser.add_argument("--template-steps", type=int, default=100_000)
    parser.add_argument("--provisional", action="store_true", help="beside other work, too")
    arguments = parser.parse_args()
    arguments.command = "Benchmarks/run grc"  # as it is kept: no path is in it
    for option in ["--seeds", "--epochs", "--template-steps"]:
        name = option[2:].replace("-", "_")
        value = getattr(arguments, name)
        if value < 1:
            parser.error(f"{option} {value}: expected a whole number from 1 on")
        if value != parser.get_default(name):
            arguments.command += f" {option} {value}"
    if arguments.provisional:
        arguments.command += " --provisional"
    with tempfile.TemporaryDirectory() as folder:
        try:
            comparison = Comparison(arguments, folder)
            comparison.run()
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            raise SystemExit(refusal.status) from None
        report = comparison.report()
    if arguments.provisional:
        print(json.dumps(report, indent=2))
    else:
        print(json.dumps(report["summary"]))
        write(report, arguments.out)


if __name__ == "__main__":
    main()
