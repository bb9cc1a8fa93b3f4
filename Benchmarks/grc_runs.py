#!/usr/bin/env python3
"""The fits behind docs/grc.md and docs/adr/0012; `Benchmarks/run grc-runs` starts it.

    Benchmarks/run grc-runs [claims] [choices] [margins] [models]

claims: seeds 1 to 10 of the petals with their ablations, then the default seed and others, and
petals of a seeded generator, two, three and four. choices: ten fits of the petals by every other
answer to what the article leaves open. margins: how far mixes go beyond the templates. models:
updates and rates of template models. Without a name all of them, about 25 minutes on two cores.

Prints tables in Markdown and keeps what every fit came to in Benchmarks/results. Nothing is timed,
so that other work does no harm.
"""

import argparse
import datetime
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measuring import Refusal, device, instruction_set, output, write

BOUNDS = {
    "templateError": lambda x: x <= 0.005,
    "roundTrip": lambda x: x <= 0.01,
    "correlation": lambda x: x >= 0.9,
    "bud": lambda x: x == 0,
    "stepsBackwards": lambda x: x == 0,
    "ends": lambda x: x <= 0.01,
    "exactEnds": lambda x: x <= 0.03,
    "strain": lambda x: x < 2,
    "collapsed": lambda x: x == 0,
    "distance": lambda x: x >= 0.2,
    "exactMapRatio": lambda x: x >= 10,
    "noContextRatio": lambda x: x >= 3,
    "maskRatio": lambda x: x >= 5,
}
CHOICES = {
    "**as decided**": [],
    "rows anywhere on the map, drawn every epoch": ["sampling=continuous"],
    "one weight an epoch": ["mixing=epoch"],
    "weights to the power 1: uniform": ["mixingPower=1"],
    "to the power 3": ["mixingPower=3"],
    "no mixes beyond the templates": ["mixingMargin=0"],
    "context target .5": ["contextTarget=0.5"],
    "context target 1": ["contextTarget=1"],
    "ELU after the last layers, too": ["lastLayer=elu"],
}


class Runs:
    """Fits and measures, as many at once as there are cores."""

    def __init__(self, atelier, folder):
        self.atelier, self.folder, self.numbers = atelier, Path(folder), itertools.count()
        self.kept, self.device = [], None

    def all(self, jobs):
        """What each job came to: (templates, seed, settings[, ablations]), in their order."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda job: self.one(*job), jobs))
        self.kept += results
        return results

    def one(self, templates, seed, settings, ablations=False, epochs=None):
        run = self.folder / str(next(self.numbers))
        command = [self.atelier, "grc", "fit", *([templates] if templates else [])]
        command += ["--seed", seed, "--out", run, "--json"]
        command += [word for each in settings for word in ("--set", each)]
        command += ["--epochs", epochs] if epochs else []
        fit = output(command, "atelier")
        measure = [self.atelier, "grc", "measure", run, "--json"]
        measured = output(measure + (["--ablations"] if ablations else []), "atelier")
        if self.device is None:
            self.device = device(instruction_set(fit["checkpoint"]))
        what = {"templates": templates or "petals", "seed": seed, "settings": settings}
        return what | summary(fit, measured)


def summary(fit, measured):
    """The figures that there are bounds for, the worst of all pairs and sides."""
    pairs = measured["pairs"]
    sides = [pair[side] for pair in pairs for side in ("beyondFirst", "beyondSecond")]
    figures = {
        "lossG": fit["lossG"],
        "templateErrors": measured["templateErrors"],
        "templateError": max(measured["templateErrors"]),
        "roundTrip": measured["roundTripRMS"],
        "anywhere": max(measured["continuousRoundTrip"]),
        "contextRange": measured["contextRange"],
        "bud": max(
            (time["contexts"] for pair in pairs for time in pair["times"] if time["shapes"] == 0),
            default=0,
        ),
        "correlation": min(pair["correlation"] for pair in pairs),
        "stepsBackwards": sum(sum(pair["stepsBackwards"].values()) for pair in pairs),
        "ends": max(pair["endError"]["ownMap"] for pair in pairs),
        "exactEnds": max(pair["endError"]["exactMap"] for pair in pairs),
        "strain": max(max(side["stretch"], side["compression"]) for side in sides),
        "collapsed": sum(side["degenerateFaces"] for side in sides),
        "distance": min(side["leastDistance"] for side in sides),
        "failingRadius": min((side["failingRadius"] or 3.1) for side in sides),
    }
    if ablations := measured.get("ablations"):
        differing = measured["differingRows"]["roundTrip"]
        figures |= {
            "exactMapRatio": ablations["exactMap"] / differing,
            "noContextRatio": ablations["noContext"] / differing,
            "maskRatio": figures["contextRange"] / ablations["unmaskedContextRange"],
        }
    broken = [
        name for name, holds in BOUNDS.items() if name in figures and not holds(figures[name])
    ]
    return {name: rounded(value) for name, value in figures.items()} | {"broken": broken}


def rounded(value):
    """To five digits, which is more than any table here has."""
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def spread(fits, figure, worst=max):
    values = [fit[figure] for fit in fits]
    return f"{statistics.median(values):.3g} / {worst(values):.3g}"


def broken(fits):
    """How many break a bound, and which."""
    wrong = [fit for fit in fits if fit["broken"]]
    words = [
        f"{fit['templates']} seed {fit['seed']}: "
        + ", ".join(f"{name} {fit[name]:.3g}" for name in fit["broken"])
        for fit in wrong
    ]
    return f"{len(wrong)} of {len(fits)}" + "".join(f"\n  - {each}" for each in words)


def claims(runs):
    fits = runs.all([(None, seed, [], True) for seed in range(1, 11)])
    print("\n| what | ten seeds: median / worst |\n| --- | --- |")
    for figure in fits[0]:
        least = {"correlation", "distance", "failingRadius", "exactMapRatio"}
        least |= {"noContextRatio", "maskRatio"}
        if isinstance(fits[0][figure], (int, float)) and figure != "seed":
            print(f"| {figure} | {spread(fits, figure, min if figure in least else max)} |")
    print(f"\nbroken: {broken(fits)}")
    fits = runs.all([(None, seed, []) for seed in range(41)])
    print(f"\nseeds 0 to 40, broken: {broken(fits)}")
    for count, generators in ((2, range(10)), (2, range(10, 20)), (3, range(10)), (4, range(10))):
        for seed in (0, 1):
            fits = runs.all([(f"petals:{k}:{count}", seed, []) for k in generators])
            which = f"petals:{generators[0]} to petals:{generators[-1]}"
            print(f"\n{count} petals of {which}, --seed {seed}, broken: {broken(fits)}")


def choices(runs):
    columns = [
        "lossG",
        "roundTrip",
        "anywhere",
        "ends",
        "exactEnds",
        "strain",
        "contextRange",
    ]
    print(f"\n| choice | {' | '.join(columns)} |\n|{' --- |' * (len(columns) + 1)}")
    for name, settings in CHOICES.items():
        fits = runs.all([(None, seed, settings) for seed in range(1, 11)])
        print(
            f"| {name} | {' | '.join(spread(fits, column) for column in columns)} |",
            flush=True,
        )


def margins(runs):
    print("\n| margin | petals, seeds 0–40 | ten pairs, seeds 0–3 | three | four |")
    print("| --- | --- | --- | --- | --- |")
    for margin in (0, 0.1, 0.15, 0.2):
        cells = []
        for templates, seeds in [
            ([None], range(41)),
            ([f"petals:{k}" for k in range(10)], range(4)),
            ([f"petals:{k}:3" for k in range(10)], [1]),
            ([f"petals:{k}:4" for k in range(10)], [1]),
        ]:
            settings = [f"mixingMargin={margin}"]
            fits = runs.all([(each, seed, settings) for each in templates for seed in seeds])
            wrong = sum(bool(fit["broken"]) for fit in fits)
            strain = statistics.median(fit["strain"] for fit in fits)
            cells.append(f"{wrong} of {len(fits)}, {strain:.2f}")
        print(f"| {margin} | {' | '.join(cells)} |", flush=True)


def models(runs):
    rates = (0.003, 0.01, 0.03, 0.1)
    print(f"\n| updates | {' | '.join(map(str, rates))} |\n|{' --- |' * 5}")
    for steps in (20_000, 50_000, 100_000):
        cells = []
        for rate in rates:
            settings = [
                f"templateSteps={steps}",
                f"templateRate={rate}",
                "templateAttempts=1",
            ]
            fits = runs.all([(None, seed, settings, False, 1) for seed in range(1, 11)])
            errors = [error for fit in fits for error in fit["templateErrors"]]
            within = sum(error <= 0.005 for error in errors)
            cells.append(f"{within} of {len(errors)}, {statistics.median(errors):.2g}")
        print(f"| {steps} | {' | '.join(cells)} |", flush=True)


PARTS = {"claims": claims, "choices": choices, "margins": margins, "models": models}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--atelier", required=True, help="the program")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; default: all")
    arguments = parser.parse_args()
    parts = arguments.parts or list(PARTS)
    for part in parts:
        if part not in PARTS:
            parser.error(f"'{part}': expected {', '.join(PARTS)}")
    version = subprocess.run(
        [arguments.atelier, "--version"], capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(arguments.atelier, folder)
        try:
            for part in parts:
                PARTS[part](runs)
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            raise SystemExit(refusal.status) from None
    report = {
        "kind": "grc-runs",
        "command": " ".join(["Benchmarks/run grc-runs", *arguments.parts]),
        "date": datetime.date.today().isoformat(),
        "device": runs.device,
        "versions": {"atelier": version.stdout.strip()},
        "fits": runs.kept,
    }
    write(report, arguments.out)


if __name__ == "__main__":
    main()
