#!/usr/bin/env python3
"""GANs of 200 pictures, judged by 10,000 that they never saw; `Benchmarks/run gan-few` starts it.

    Benchmarks/run gan-few [--kinds small-data,dcgan] [--draws 0,1,2] [--seeds 1,2,3]
                           [--work FOLDER]

Each draw is 200 of Fashion-MNIST's training pictures, by numpy's default_rng(100 + draw), in the
middle of 32×32; the reference are its test pictures. Kinds are the preset for few pictures and the
DCGANs that it is measured beside, of the same number of pictures shown. What is done stays in the
folder that --work names, so that it can be stopped and started again.
"""

import argparse
import datetime
import gzip
import itertools
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy
from measuring import Refusal, device, gan_training, instruction_set, output, write

PICTURES = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
SHOWN = 300_000
METRICS = ["fd-f", "fd-f2", "precision", "recall", "memorisation", "novelty"]
# Pictures of a batch, and the other settings.
KINDS = {
    "small-data": (32, ["--preset", "small-data"]),
    "dcgan": (64, ["--preset", "dcgan", "--augment", "0.5"]),
    "dcgan-adaptive": (32, ["--preset", "dcgan", "--augment", "adaptive"]),
    "dcgan-plain": (64, ["--preset", "dcgan"]),
}


def drawn(draw, folder):
    """A file of 200 pictures."""
    with gzip.open(PICTURES) as file:
        pictures = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 28, 28)
    chosen = numpy.random.default_rng(100 + draw).choice(len(pictures), 200, replace=False)
    path = folder / f"draw{draw}.npz"
    numpy.savez(path, images=pictures[numpy.sort(chosen)])
    return path


def trained(arguments, kind, draw, seed, folder):
    """Metrics of one training, made unless they are there."""
    run = folder / f"{kind}-{draw}-{seed}"
    told = run.with_suffix(".json")
    if told.exists():
        return json.loads(told.read_text())
    batch, settings = KINDS[kind]
    words = [*settings, "--data", drawn(draw, folder), "--pad", "32", "--background", "black"]
    words += ["--batch", batch, "--steps", arguments.shown // batch, "--seed", seed]
    result = gan_training(arguments.atelier, words, run)
    judge = [arguments.atelier, "evaluate", run, "--json", "--device", "cpu", "--crop", "28x28"]
    beside = [*judge, "--data", "fashion-mnist", "--reference", "test"]
    metrics = output([*beside, "--metrics", "frechet,manifolds"], "atelier")["metrics"]
    own = [*judge, "--data", folder / f"draw{draw}.npz", "--samples", "2000"]
    metrics |= output([*own, "--metrics", "memorisation"], "atelier")["metrics"]
    row = {
        "kind": kind,
        "draw": draw,
        "seed": seed,
        "device": instruction_set(result["checkpoint"]),
    }
    row |= {name: metrics[name]["value"] for name in METRICS} | {"seconds": result["seconds"]}
    told.write_text(json.dumps(row))
    return row


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--atelier", required=True, help="the program")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("--kinds", default=["small-data", "dcgan"], type=lambda x: x.split(","))
    parser.add_argument("--draws", default=[0, 1, 2], type=numbers)
    parser.add_argument("--seeds", default=[1, 2, 3], type=numbers)
    parser.add_argument("--shown", default=SHOWN, type=int, help="pictures shown to the critic")
    parser.add_argument("--work", help="folder where trainings stay")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.work or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        cases = itertools.product(arguments.seeds, arguments.draws, arguments.kinds)
        try:
            for seed, draw, kind in cases:
                rows.append(trained(arguments, kind, draw, seed, folder))
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            raise SystemExit(refusal.status) from None
    print("| kind | " + " | ".join(METRICS) + " |\n| --- |" + " --- |" * len(METRICS))
    for kind in arguments.kinds:
        own = [row for row in rows if row["kind"] == kind]
        cells = []
        for name in METRICS:
            values = [row[name] for row in own]
            mean = statistics.mean(values)
            cells.append(f"{mean:.2f} ({min(values):.2f}–{max(values):.2f})")
        print(f"| {kind} | " + " | ".join(cells) + " |")
    report = {
        "kind": "gan-few",
        "command": "Benchmarks/run gan-few --kinds " + ",".join(arguments.kinds),
        "date": datetime.date.today().isoformat(),
        "device": device(rows[0]["device"]),
        "pictures": 200,
        "shown": arguments.shown,
        "rows": rows,
    }
    write(report, arguments.out)


if __name__ == "__main__":
    main()
