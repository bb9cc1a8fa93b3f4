#!/usr/bin/env python3
"""GANs of `atelier train gan` beside the same networks in PyTorch; `Benchmarks/run gan` starts it.

    Benchmarks/run gan      [--presets dcgan,r1] [--steps 200] [--provisional]
    Benchmarks/run gan-runs [--presets dcgan,r1] [--seeds 1,2,3] [--steps 4688] [--work FOLDER]

Fashion-MNIST, 28×28 in the middle of 32×32, batch 64; 4688 steps show 300 thousand pictures to the
critic. `gan` times steps of both programs in turns, three rounds, on a quiet machine (exit status
75 else): the whole number less a quarter of it, so that neither start-up nor what is measured at
the end counts. `gan-runs` makes whole trainings, has the pictures of both judged by
`atelier evaluate` without what was padded, and times nothing; what is done stays in the folder that
--work names, so that it can be stopped and started again. PyTorch runs in the Python that runs
this.
"""

import argparse
import datetime
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Load, Refusal, device, gan_training, instruction_set, output, write

PEER = Path(__file__).parent / "peers" / "gan_training.py"
PRESETS = ["dcgan", "lsgan", "hinge", "wgan-gp", "r1"]
METRICS = ["fd-f", "fd-f2", "precision", "recall"]
ROUNDS = 3


class Trainings:
    def __init__(self, arguments, folder, *, reuses=True):
        self.arguments, self.folder, self.reuses = arguments, Path(folder), reuses
        self.folder.mkdir(parents=True, exist_ok=True)

    def ours(self, preset, seed, steps):
        """Our training of this name, made unless it is there: what it told, and its folder."""
        run = self.folder / f"{preset}-{seed}-{steps}"
        told = run.with_suffix(".json")
        if self.reuses and told.exists():
            return json.loads(told.read_text()), run
        if not self.reuses:  # what is timed, and timed again, begins anew
            shutil.rmtree(run, ignore_errors=True)
        words = ["--preset", preset, "--data", "fashion-mnist", "--pad", "32"]
        words += ["--background", "black", "--steps", steps, "--seed", seed]
        result = gan_training(self.arguments.atelier, words, run)
        told.write_text(json.dumps(result))
        return result, run

    def theirs(self, preset, seed, steps, checkpoint):
        """PyTorch's training of the networks in our checkpoint, and the pictures it made."""
        pictures = self.folder / f"{preset}-{seed}-{steps}-pytorch.npz"
        told = pictures.with_suffix(".json")
        if self.reuses and told.exists():
            return json.loads(told.read_text()), pictures
        command = [sys.executable, PEER, checkpoint, pictures, "--steps", steps, "--seed", seed]
        result = output(command, "PyTorch")
        told.write_text(json.dumps(result))
        return result, pictures

    def judged(self, subject):
        """The metrics of a run or of pictures."""
        command = [self.arguments.atelier, "evaluate", subject, "--json"]
        command += ["--metrics", "frechet,manifolds", "--device", "cpu"]
        if subject.suffix == ".npz":
            command += ["--data", "fashion-mnist"]
        found = output(command, "atelier")["metrics"]
        return {name: found[name]["value"] for name in METRICS}


def timed(arguments, folder):
    """Seconds of both programs for three quarters of the steps, in turns."""
    load, rows, found = Load(is_watched=not arguments.provisional), [], None
    print("| preset | ours, s | PyTorch, s | ratio | peak, MiB: ours, PyTorch |")
    print("| --- | --- | --- | --- | --- |")
    for preset in arguments.presets:
        seconds, peaks = ([], []), [0, 0]
        for turn in range(ROUNDS):
            trainings = Trainings(arguments, Path(folder) / f"{preset}-{turn}", reuses=False)
            taken = [0.0, 0.0]
            for steps, sign in ((arguments.steps // 4, -1), (arguments.steps, 1)):
                ours, _ = load.quietly(lambda: trainings.ours(preset, 1, steps))
                checkpoint = ours["checkpoint"]
                found = found or device(instruction_set(checkpoint))
                theirs, _ = load.quietly(lambda: trainings.theirs(preset, 1, steps, checkpoint))
                taken = [
                    s + sign * x["seconds"] for s, x in zip(taken, (ours, theirs), strict=True)
                ]
                peaks = [max(p, x["peakBytes"]) for p, x in zip(peaks, (ours, theirs), strict=True)]
            for side, value in zip(seconds, taken, strict=True):
                side.append(value)
        ratios = [b / a for a, b in zip(*seconds, strict=True)]
        steps = arguments.steps - arguments.steps // 4
        row = {"preset": preset, "steps": steps, "seconds": seconds}
        rows.append(row | {"ratio": statistics.median(ratios), "peakBytes": peaks})
        medians = " | ".join(f"{statistics.median(side):.1f}" for side in seconds)
        memory = ", ".join(str(peak >> 20) for peak in peaks)
        print(f"| {preset} | {medians} | {rows[-1]['ratio']:.2f} | {memory} |", flush=True)
    return rows, found


def whole(arguments, folder):
    """Metrics of whole trainings by both, a row for each preset and seed."""
    trainings, rows, found = Trainings(arguments, folder), [], None
    for preset in arguments.presets:
        for seed in arguments.seeds:
            result, run = trainings.ours(preset, seed, arguments.steps)
            found = found or device(instruction_set(result["checkpoint"]))
            checkpoint = result["checkpoint"]
            _, pictures = trainings.theirs(preset, seed, arguments.steps, checkpoint)
            row = {"preset": preset, "seed": seed, "steps": arguments.steps}
            row |= {"atelier": trainings.judged(run), "pytorch": trainings.judged(pictures)}
            rows.append(row)
            print(json.dumps(row), file=sys.stderr, flush=True)
    print("| preset | fd-f | PyTorch's | ratio of means | precision, recall | PyTorch's |")
    print("| --- | --- | --- | --- | --- | --- |")
    for preset in arguments.presets:
        sides = [[row[side] for row in rows if row["preset"] == preset] for side in SIDES]
        means = [
            {name: statistics.mean(x[name] for x in side) for name in METRICS} for side in sides
        ]
        fds = [[x["fd-f"] for x in side] for side in sides]
        spreads = [f"{statistics.mean(x):.2f} ({min(x):.2f}–{max(x):.2f})" for x in fds]
        pairs = [f"{mean['precision']:.2f}, {mean['recall']:.2f}" for mean in means]
        ratio = means[0]["fd-f"] / means[1]["fd-f"]
        print(f"| {preset} | {spreads[0]} | {spreads[1]} | {ratio:.2f} | {pairs[0]} | {pairs[1]} |")
    return rows, found


SIDES = ("atelier", "pytorch")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["gan", "gan-runs"])
    parser.add_argument("--atelier", required=True, help="the program")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("--presets", default=PRESETS, type=lambda text: text.split(","))
    parser.add_argument("--seeds", default=[1, 2, 3], type=lambda x: [int(s) for s in x.split(",")])
    parser.add_argument("--steps", type=int)
    parser.add_argument("--work", help="folder where trainings stay")
    parser.add_argument(
        "--provisional", action="store_true", help="time a busy machine all the same"
    )
    arguments = parser.parse_args()
    is_timed = arguments.what == "gan"
    arguments.steps = arguments.steps or (200 if is_timed else 4688)
    version = subprocess.run(
        [arguments.atelier, "--version"], capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            make = timed if is_timed else whole
            rows, found = make(arguments, arguments.work or folder)
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            raise SystemExit(refusal.status) from None
    report = {
        "kind": arguments.what,
        "command": f"Benchmarks/run {arguments.what} --presets {','.join(arguments.presets)}"
        f" --steps {arguments.steps}",
        "date": datetime.date.today().isoformat(),
        "device": found,
        "versions": {"atelier": version.stdout.strip()},
        "rows": rows,
    }
    if not arguments.provisional:
        write(report, arguments.out)


if __name__ == "__main__":
    main()
