#!/usr/bin/env python3
"""The article's Generative Relational Context in plain PyTorch: the peer of `atelier grc fit`.

    grc.py FILE [--seed 0] [--epochs 100000] [--threads 1] [--skip-templates] [--start]

FILE is a checkpoint of `atelier grc fit`, or any safetensors file of float32 with the arrays
`template.K.places` [N, 2] and `template.K.values` [N, 3 C], K from 0. Templates are taken as they
stand, as Atelier takes shapes that span from 1 to 2, such as the petals. From a checkpoint it can
also take the template models, fitted, and the networks to begin with. Prints one JSON object;
progress goes to stderr. Needs torch (tried with 2.15) and numpy.

Rates, attempts, sizes, places and the law of mixing are the defaults of `atelier grc fit`. The loop
is the article's listing: eager, two losses that go back through one graph, two Adams. What would
slow it for nothing is left out: rows of the template models, which never change, are asked for
once, the cosine is set by hand, and losses are looked at in the last 1000 epochs alone.

Source: Guy Lukes, "Using Machine Learning to Augment Artistic Creativity", 2019.
"""

import argparse
import json
import math
import sys
import time

import pytorch
import torch
import twins
from tiny_pair import network
from torch import nn

TEMPLATE_RATE, TEMPLATE_BOUND, TEMPLATE_ATTEMPTS = 0.03, 0.005, 3
RELATIONAL_RATE, GENERATIVE_RATE = 1e-4, 2e-4
CONTEXT_SHARE = 0.05
MIXING_MARGIN = 0.15
MEAN_OVER = 1000  # epochs

criterion = nn.MSELoss(reduction="sum")


class Templates:
    """Rows of numbers, each at a place that all templates share."""

    def __init__(self, path):
        self.arrays = twins.read_recipe(path)
        count = sum(1 for name in self.arrays if name.endswith(".values"))
        if not count:
            raise SystemExit(f"{path}: no array 'template.0.values'")
        self.rows = [self.arrays[f"template.{k}.values"] for k in range(count)]
        places = [self.arrays[f"template.{k}.places"] for k in range(count)]
        self.places = places[0]
        if any(not torch.equal(other, self.places) for other in places):
            raise SystemExit(f"{path}: expected templates with their rows at the same places")

    def model(self, k):
        """A template model without its numbers."""
        return network([2, 10, 15, self.rows[k].shape[1]])

    def fill(self, model, name):
        """The checkpoint's numbers, by the name of the network there."""
        for number, layer in enumerate(model[::2]):
            for what, parameter in layer.named_parameters():
                parameter.data.copy_(self.arrays[f"{name}.{number}.{what}"])
        return model

    def error(self, model, k):
        """The largest distance of a point from its template."""
        with torch.no_grad():
            difference = model(self.places) - self.rows[k]
        return difference.unflatten(1, (3, -1)).norm(dim=1).max().item()


def fit_template(templates, k, steps):
    """The best of some fits, and the error of each: the first within the bound ends them."""
    best, errors = None, []
    while len(errors) < TEMPLATE_ATTEMPTS and min(errors, default=math.inf) > TEMPLATE_BOUND:
        model = templates.model(k)
        optimizer = torch.optim.Adam(model.parameters(), lr=TEMPLATE_RATE)
        for step in range(1, steps + 1):
            rate = TEMPLATE_RATE * (1 + math.cos(math.pi * step / steps)) / 2
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            loss = criterion(model(templates.places), templates.rows[k])
            loss.backward()
            optimizer.step()
        errors.append(templates.error(model, k))
        print(f"template {k}: within {errors[-1]:.4f}", file=sys.stderr)
        if errors[-1] == min(errors):
            best = model
    return best, errors


def corners(rows):
    """Templates' rows [K, N, R], each moved away from all others by the margin."""
    return rows * (1 + len(rows) * MIXING_MARGIN) - rows.sum(0) * MIXING_MARGIN


def mixed(rows):
    """A random mix of corners [K, N, R] for every place, [N, R].

    Weights are uniform on the simplex, as exponential numbers over their sum are, to the power of
    the number of templates: so that mixes near a single one are common.
    """
    powers = torch.empty(len(rows), rows.shape[1], 1).exponential_() ** len(rows)
    return (powers / powers.sum(0) * rows).sum(0)


def networks(rows):
    """The relational and the generative one, with PyTorch's own first numbers."""
    contexts, size = max(1, len(rows) - 1), rows.shape[2]
    return network([size, 15, 10, 2 + contexts]), network([2 + contexts, 10, 15, size])


def fit(relational, generative, rows, places, epochs):
    """Trains both networks; the means of both losses over the last epochs."""
    relational_optimizer = torch.optim.Adam(relational.parameters(), lr=RELATIONAL_RATE)
    generative_optimizer = torch.optim.Adam(generative.parameters(), lr=GENERATIVE_RATE)
    contexts = max(1, len(rows) - 1)
    mask = torch.tensor([1, 1] + contexts * [CONTEXT_SHARE])
    relational_target = torch.cat([places, torch.zeros(len(places), contexts)], 1)
    sums, counted = torch.zeros(2), min(MEAN_OVER, epochs)
    for epoch in range(epochs):
        target = mixed(rows)
        output = relational(target)
        generated = generative(output)
        generative_loss = criterion(generated, target)
        relational_loss = criterion(output * mask, relational_target * mask)
        relational_optimizer.zero_grad()
        generative_optimizer.zero_grad()
        generative_loss.backward(retain_graph=True)  # through both networks
        relational_loss.backward()  # the generative one has no part in it
        relational_optimizer.step()
        generative_optimizer.step()
        if epoch >= epochs - counted:
            sums += torch.stack([generative_loss.detach(), relational_loss.detach()])
        if (epoch + 1) % 10_000 == 0:
            print(f"epoch {epoch + 1}: lossG {generative_loss.item():.4f}", file=sys.stderr)
    return (sums / counted).tolist()


def run(arguments):
    templates = Templates(arguments.file)
    torch.manual_seed(arguments.seed)
    began = time.perf_counter()
    if arguments.skip_templates:
        models = [
            templates.fill(templates.model(k), f"templateModel.{k}")
            for k in range(len(templates.rows))
        ]
        errors = [[templates.error(model, k)] for k, model in enumerate(models)]
    else:
        fits = [
            fit_template(templates, k, arguments.template_steps) for k in range(len(templates.rows))
        ]
        models, errors = zip(*fits, strict=True)
    template_seconds = time.perf_counter() - began

    began = time.perf_counter()
    with torch.no_grad():
        rows = corners(torch.stack([model(templates.places) for model in models]))
    relational, generative = networks(rows)
    if arguments.start:
        templates.fill(relational, "relational")
        templates.fill(generative, "generative")
    losses = fit(relational, generative, rows, templates.places, arguments.epochs)
    epoch_seconds = time.perf_counter() - began

    with torch.no_grad():
        trips = [generative(relational(rows)) - rows for rows in templates.rows]
    return {
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "threads": arguments.threads,
        "templateSeconds": None if arguments.skip_templates else round(template_seconds, 3),
        "epochSeconds": round(epoch_seconds, 3),
        "lossG": losses[0],
        "lossR": losses[1],
        "templateErrors": [min(each) for each in errors],
        "templateAttempts": None if arguments.skip_templates else [len(each) for each in errors],
        "roundTripRMS": max(trip.square().mean().sqrt().item() for trip in trips),
        "peer": pytorch.describe(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a checkpoint of `atelier grc fit`")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=100_000)
    parser.add_argument("--template-steps", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--skip-templates", action="store_true", help="take the checkpoint's template models"
    )
    parser.add_argument("--start", action="store_true", help="begin with the checkpoint's networks")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(json.dumps(run(arguments)))


if __name__ == "__main__":
    main()
