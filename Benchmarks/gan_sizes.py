#!/usr/bin/env python3
"""What GANs of colour pictures take by size; `Benchmarks/run gan-sizes` starts it.

    Benchmarks/run gan-sizes [--provisional]

Emoji of 64×64 to 256×256, sheets and metrics left out: seconds for a thousand pictures shown, the
longer of two trainings less the shorter, so that start-up does not count, and the peak memory of
the process, emoji and all. Nothing else should be running (exit status 75 else).
"""

import argparse
import datetime
import shutil
import sys
import tempfile
from pathlib import Path

from measuring import Load, Refusal, device, gan_training, instruction_set, write

# Preset, pixels a side, pictures of a batch, steps of the two trainings.
ROWS = [
    ("dcgan", 64, 64, (10, 40)),
    ("dcgan", 128, 64, (6, 18)),
    ("dcgan", 256, 32, (4, 12)),
    ("style", 64, 64, (8, 24)),
    ("style", 128, 32, (8, 16)),
]


def trained(atelier, preset, size, batch, steps, folder):
    """Seconds, peak bytes and the instruction set of a training."""
    run = folder / f"{preset}-{size}-{steps}"
    words = ["--preset", preset, "--data", "glyphs:emoji", "--size", size]
    told = gan_training(atelier, [*words, "--batch", batch, "--steps", steps], run)
    found = instruction_set(told["checkpoint"])
    shutil.rmtree(run)
    return told["seconds"], told["peakBytes"], found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--atelier", required=True, help="the program")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("--provisional", action="store_true", help="beside other work, too")
    arguments = parser.parse_args()
    rows, found = [], None
    print("| preset | pixels | batch | s/kimg | peak |\n| --- | --- | --- | --- | --- |")
    try:
        load = Load(is_watched=not arguments.provisional)
        with tempfile.TemporaryDirectory() as folder:
            for preset, size, batch, lengths in ROWS:

                def run(steps, row=(arguments.atelier, preset, size, batch)):
                    return load.quietly(lambda: trained(*row, steps, Path(folder)))

                (few, _, found), (many, peak, _) = (run(steps) for steps in lengths)
                seconds = (many - few) / (lengths[1] - lengths[0]) / batch * 1000
                row = {"preset": preset, "pixels": size, "batch": batch}
                rows.append(row | {"secondsPerThousand": round(seconds, 3), "peakBytes": peak})
                cells = f"{preset} | {size}×{size} | {batch} | {seconds:.1f} | {peak >> 20} MiB"
                print(f"| {cells} |", flush=True)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        raise SystemExit(refusal.status) from None
    report = {
        "kind": "gan-sizes",
        "command": "Benchmarks/run gan-sizes",
        "date": datetime.date.today().isoformat(),
        "device": device(found),
        "rows": rows,
    }
    if not arguments.provisional:
        write(report, arguments.out)


if __name__ == "__main__":
    main()
