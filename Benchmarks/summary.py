#!/usr/bin/env python3
"""Prints kept results of `Benchmarks/run` as the README's table: a line for each kind of work.

    Benchmarks/summary.py Benchmarks/results/DATE-DEVICE-kernels.json [...-training.json]

Ratios are the peer's time over Atelier's, from the slowest row of a kind to the fastest; behind
them stand shares of the measured roof: multiply-adds, or a plain copy of as many bytes. On OpenCL
devices, which have no numbers of threads, each peer has a line of its own. A `gpu.json` of
Benchmarks/gpu.sh is the results of its steps.
"""

import argparse
import json
import re

FEW = r"(conv4x4-(32-3|28-1)to|transposed4x4-(16-64to3|14-32to1))"
TO_FEW = r"(conv4x4-(32-3|28-1)to\d+-input-gradient|transposed4x4-(16-64to3|14-32to1)-forward)$"
# What the line says, the rows it gathers, the peers it is beside.
KINDS = [
    ("products of 512 to 2048 a side", r"gemm-\d+$", ["openblas"]),
    ("the same", r"gemm-\d+$", ["onednn", "pytorch"]),
    ("products of models, geometric mean", r"gemm-model-mean$", None),
    ("3×3 convolution, three passes", r"conv3x3-(?!.*bfloat16)", ["pytorch"]),
    (
        "4×4 stride 2, and transposed, three passes",
        rf"(?!{FEW})(conv|transposed)4x4-(?!.*bfloat16)",
        ["pytorch"],
    ),
    (
        "from 1 and 3 channels, with filter gradients",
        rf"(?!{TO_FEW}){FEW}(?!.*bfloat16)",
        ["pytorch"],
    ),
    ("to 1 and 3 channels", TO_FEW, ["pytorch"]),
    ("products in bfloat16", r"gemm-\d+-bfloat16$", ["onednn", "pytorch"]),
    (
        "bfloat16 convolution, forward and input gradient",
        r"conv.*(forward|input-gradient)-bfloat16$",
        ["pytorch"],
    ),
    ("bfloat16 filter gradient", r"conv.*filter-gradient-bfloat16$", ["pytorch"]),
    ("generators, few pictures, weights kept", r"sampling-", ["onednn", "pytorch"]),
] + [
    (f"{title} of 1, 16, 512 MiB", rf"{name}-\d+MiB$", ["pytorch"])
    for title, name in [
        ("relu", "relu"),
        ("sigmoid, tanh, silu", "(sigmoid|tanh|silu)"),
        ("softplus, gelu", "(softplus|gelu)"),
        ("layer and batch norm", "(layer|batch)-norm"),
        ("Adam", "adam"),
    ]
]

STEPS = {
    "vae-dense": "VAE dense 784-400-20, 28×28, batch 128",
    "vae-conv": "VAE convolutional 32-64, latent 32, the same pictures",
    "dcgan-32": "DCGAN 32×32×3, 64–256 channels, batch 64, both players",
    "tiny-pair": "two tiny networks, 49 rows, two optimisers",
}


def step(name):
    """A step as people call it."""
    model, _, precision = name.partition("-bfloat16")
    return STEPS.get(model, model) + (f"{precision}, bfloat16" if name != model else "")


def ratio(row, peers):
    """Of the fastest of those peers; of all, as the row says it."""
    if peers is None:
        return row["ratio"]
    times = [time for peer, time in row["peers"].items() if peer in peers]
    return min(times) / row["milliseconds"] if times else None


def span(values, form):
    values = sorted(value for value in values if value is not None)
    ends = list(dict.fromkeys(form.format(value) for value in values[:1] + values[-1:]))
    return "–".join(ends) if ends else "-"


def kinds(rows):
    """The kinds of work that these rows are of, and the peers that each is beside."""
    known = [kind for kind in KINDS if any(re.match(kind[1], row["name"]) for row in rows)]
    if not known:  # training: each row is a kind
        names = dict.fromkeys(row["name"] for row in rows)
        known = [(step(name), re.escape(name) + "$", None) for name in names]
    if any(row["threads"] for row in rows):
        return known
    patterns = {}  # of OpenCL: the first title that a pattern has
    for title, pattern, _ in [("products of models", r"gemm-model-\d", None)] + known:
        patterns.setdefault(pattern, title)
    return [
        (title, pattern, [peer])
        for pattern, title in patterns.items()
        for peer in dict.fromkeys(peer for row in rows for peer in row["peers"])
        if any(re.match(pattern, row["name"]) and peer in row["peers"] for row in rows)
    ]


def lines(report):
    rows = report["rows"]
    counts = sorted({row["threads"] for row in rows}, key=lambda count: count or 0)
    columns = [
        f"{count} thread{'s'[: count > 1]}" if count else report["device"] for count in counts
    ]
    yield "| work | " + " | ".join(columns) + " |"
    yield "| --- |" + " --- |" * len(counts)
    for title, pattern, peers in kinds(rows):
        cells = []
        for count in counts:
            found = [r for r in rows if r["threads"] == count and re.match(pattern, r["name"])]
            cell = span([ratio(row, peers) for row in found], "{:.2f}") + "×"
            if any(row["shareOfRoof"] for row in found):
                cell += ", " + span([100 * row["shareOfRoof"] for row in found], "{:.0f}") + " %"
            elif len(found) == 1:
                cell = f"{found[0]['milliseconds']:.3g} ms, {cell}"
            cells.append(cell)
        beside = f" beside {' and '.join(peers)}" if peers else ""
        yield f"| {title}{beside} | " + " | ".join(cells) + " |"


def lines_of_fits(report):
    """Of whole fits, as compare_grc.py keeps them."""
    found, count = report["summary"], len(report["fits"])
    seconds = sorted(fit["seconds"] for fit in report["fits"])
    yield f"| {report['epochs']} epochs of Generative Relational Context | | Atelier beside it |"
    yield "| --- | --- | --- |"
    yield (
        f"| whole fit, median of {count} seeds | {found['seconds']:.2f} s"
        f" ({seconds[0]:.2f}–{seconds[-1]:.2f}) | |"
    )
    yield (
        f"| PyTorch, its loop alone | {found['peerLoopSeconds']:.0f} s"
        f" | {found['ratioToPeerLoop']:.0f}× |"
    )
    yield (
        f"| PyTorch, template models too | {found['peerWholeSeconds']:.0f} s"
        f" | {found['ratioToPeerWhole']:.0f}× |"
    )
    yield (
        f"| final lossG, median | {found['medianLossG']:.3g},"
        f" PyTorch {found['peerMedianLossG']:.3g}"
        f" | {found['lossGRatio']:.2f} of it"
        f" ({found['lossGRatioOfSeeds'][0]:.2f}–{found['lossGRatioOfSeeds'][1]:.2f} of a seed's) |"
    )


def reports(report):
    """One of `atelier bench`, or those among the steps of gpu.sh."""
    if "steps" not in report:
        return [report]
    tables = [step["table"] or {} for step in report["steps"]]
    return [table for table in tables if table.get("rows") and "command" in table]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=argparse.FileType())
    for file in parser.parse_args().results:
        for report in reports(json.load(file)):
            print(f"{report['date'][:10]}, {report['device']}: {report['command']}\n")
            table = lines_of_fits if report.get("kind") == "grc" else lines
            print("\n".join(table(report)) + "\n")


if __name__ == "__main__":
    main()
