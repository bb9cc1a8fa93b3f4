#!/usr/bin/env python3
"""PyTorch twins of Atelier's VAE presets, and what they learn; training.py times their steps.

    vae.py {dense,conv} [--epochs 3] [--data DIR]     held-out negative ELBO on Fashion-MNIST

Needs torch (tried with 2.15) and numpy. `--json` prints one object on stdout; progress goes to
stderr.

Both presets: batches of 128, the last partial one dropped; Adam, 1.5e-3; PyTorch's default
initialisation; loss = (sum over pixels of BCE + sum over latents of KL) / batch; pixels in 0...1.
"""

import argparse
import gzip
import json
import os
import sys
import time
from pathlib import Path

import numpy
import pytorch
import torch
import torch.nn.functional as F
import twins
from torch import nn

LAYOUTS = ["contiguous", "channels-last"]
BATCH = 128
FASHION_MNIST = "/usr/share/datasets/fashion-mnist"  # Debian's package dataset-fashion-mnist


class VAE(nn.Module):
    """Encoder to [N, 2 L] (means, then logarithms of variances), decoder to logits of pixels."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def terms(self, pictures, noise=None):
        """Reconstruction and divergence in nats, summed over the batch, by one posterior sample."""
        mean, log_variance = self.encoder(pictures).chunk(2, dim=1)
        noise = torch.randn_like(mean) if noise is None else noise
        logits = self.decoder(mean + torch.exp(0.5 * log_variance) * noise)
        mismatch = F.binary_cross_entropy_with_logits(logits, pictures, reduction="sum")
        divergence = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())
        return mismatch, divergence


def dense():
    encoder = [nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 2 * 20)]
    decoder = [nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Unflatten(1, (1, 28, 28))]
    return VAE(nn.Sequential(*encoder), nn.Sequential(*decoder))


def conv():
    half = {"kernel_size": 4, "stride": 2, "padding": 1}
    encoder = [nn.Conv2d(1, 32, **half), nn.ReLU(), nn.Conv2d(32, 64, **half), nn.ReLU()]
    encoder += [nn.Flatten(), twins.takes(nn.Linear(7 * 7 * 64, 2 * 32), 64, 7, 7)]
    decoder = [twins.makes(nn.Linear(32, 7 * 7 * 64), 64, 7, 7), nn.ReLU()]
    decoder += [nn.Unflatten(1, (64, 7, 7))]
    decoder += [nn.ConvTranspose2d(64, 32, **half), nn.ReLU(), nn.ConvTranspose2d(32, 1, **half)]
    return VAE(nn.Sequential(*encoder), nn.Sequential(*decoder))


PRESETS = {"dense": dense, "conv": conv}


ADAM = {"lr": 1.5e-3, "betas": (0.9, 0.999), "eps": 1e-8}


class Stepper:
    """One way to train a preset: called, it makes a step with fresh noise and yields the loss."""

    def __init__(self, preset, recipe, layout, way):
        self.model = PRESETS[preset]()
        twins.load(self.model.encoder, recipe, "encoder")
        twins.load(self.model.decoder, recipe, "decoder")
        self.model = self.model.to(pytorch.DEVICE, memory_format=layout)
        self.names = recipe.keys()
        self.update = way.update((self.model.parameters(), ADAM))
        self.batches = [
            twins.pictures(batch).contiguous(memory_format=layout) for batch in recipe["pictures"]
        ]
        self.steps = 0
        self.latents = recipe["noise"].shape[2]
        self.loss, self.step = way.loss(self.eager_loss), way.step(self.eager_step)

    def eager_loss(self, batch, noise):
        mismatch, divergence = self.model.terms(batch, noise)
        return (mismatch + divergence) / len(batch)

    def eager_step(self, batch, noise):
        loss = self.loss(batch, noise)
        self.update(loss)
        return loss.detach()

    def __call__(self, noise=None):
        batch = self.batches[self.steps % len(self.batches)]
        if noise is None:
            noise = torch.randn(len(batch), self.latents, device=pytorch.DEVICE)
        self.steps += 1
        return self.step(batch, noise).item()

    def weights(self):
        encoder = twins.weights(self.model.encoder, self.names, "encoder")
        return encoder | twins.weights(self.model.decoder, self.names, "decoder")


def train_step(model, optimizer, pictures):
    mismatch, divergence = model.terms(pictures)
    loss = (mismatch + divergence) / len(pictures)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


def read_pictures(folder, part):
    """Pictures of an IDX file as [N, 1, H, W] in 0...1."""
    raw = gzip.decompress((Path(folder) / f"{part}-images-idx3-ubyte.gz").read_bytes())
    magic, count, height, width = numpy.frombuffer(raw, ">i4", 4)
    assert magic == 2051, f"{part}: not an IDX file of pictures"
    pixels = numpy.frombuffer(raw, numpy.uint8, offset=16).reshape(count, 1, height, width)
    return torch.from_numpy(pixels.astype(numpy.float32) / 255)


def train(arguments):
    """Trains the full preset; the held-out figure is the mean over the 10,000 test pictures."""
    pictures = read_pictures(arguments.data, "train")
    held_out = read_pictures(arguments.data, "t10k")
    torch.manual_seed(arguments.seed)
    model = PRESETS[arguments.preset]()
    optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    began = time.perf_counter()
    for epoch in range(arguments.epochs):
        order = torch.randperm(len(pictures))
        for first in range(0, len(order) - BATCH + 1, BATCH):
            loss = train_step(model, optimizer, pictures[order[first : first + BATCH]])
        print(f"epoch {epoch + 1}: last batch {loss:.2f} nats", file=sys.stderr)
    seconds = time.perf_counter() - began
    with torch.no_grad():
        terms = [torch.stack(model.terms(batch)) for batch in held_out.split(1000)]
    negative_elbo = float(torch.stack(terms).sum() / len(held_out))
    return {
        "name": f"vae-{arguments.preset}",
        "epochs": arguments.epochs,
        "seed": arguments.seed,
        "seconds": round(seconds, 2),
        "metrics": {"heldOutNegativeELBO": round(negative_elbo, 3)},
        "samplesPerExample": 1,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--data", default=os.environ.get("ATELIER_DATA", FASHION_MNIST))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    result = train(arguments)
    print(json.dumps(result) if arguments.json else json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
