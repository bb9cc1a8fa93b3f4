#!/usr/bin/env python3
"""PyTorch's side of `atelier bench training`: one request more than answering.py has.

    {"ask": "prepare", "model": "vae-conv", "recipe": PATH, ...}      -> {"contenders"}

The recipe is a safetensors file: initial weights by Atelier's names and in its order, the batches,
and the noise of the first steps. Results are the losses of those steps. Needs torch (tried with
2.15), numpy, and for torch.compile a C++ compiler.
"""

import itertools
import json
import sys

import answering  # first: takes stdout
import numpy
import torch
import vae

LAYOUTS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}
UPDATES = {"foreach Adam": {"foreach": True}, "fused Adam": {"fused": True}}


def read_recipe(path):
    """The float32 arrays of a safetensors file, by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, end = entry["data_offsets"]
        values = numpy.frombuffer(data[first:end], "<f4").reshape(entry["shape"])
        arrays[name] = torch.from_numpy(values.copy())
    return arrays


def pictures(tensor):
    return tensor.permute(0, 3, 1, 2)


def load(model, weights):
    """Sets a preset's parameters; both sides declare them in one order, Atelier channels-last."""
    layers = [
        layer for layer in itertools.chain(model.encoder, model.decoder) if hasattr(layer, "weight")
    ]
    names = sorted({name.rsplit(".", 1)[0] for name in weights}, key=place)
    features = None  # of the pictures that the last convolution gave: [C, H, W]
    side = 28
    for name, layer in zip(names, layers, strict=True):
        bias = weights[f"{name}.bias"]
        if isinstance(layer, torch.nn.Linear):
            weight = weights[f"{name}.weight"]
            if features and layer.in_features == torch.Size(features).numel():
                channels, height, width = features
                columns = weight.reshape(-1, height, width, channels)
                weight = columns.permute(0, 3, 1, 2).reshape(weight.shape)
            elif features and layer.out_features == torch.Size(features).numel():
                channels, height, width = features
                rows = weight.reshape(height, width, channels, -1)
                weight = rows.permute(2, 0, 1, 3).reshape(weight.shape)
                bias = bias.reshape(height, width, channels).permute(2, 0, 1).reshape(-1)
        else:
            weight = pictures(weights[f"{name}.filter"])
            if isinstance(layer, torch.nn.Conv2d):
                side //= 2
                features = [layer.out_channels, side, side]
        layer.weight.data.copy_(weight)
        layer.bias.data.copy_(bias)


def place(name):
    """encoder.0, encoder.1, ..., decoder.0, ..."""
    part, number = name.split(".")[:2]
    return (part != "encoder", int(number))


class Stepper:
    """One way to train a preset: called, it makes a step with fresh noise and yields the loss."""

    def __init__(self, preset, recipe, layout, update, compiled):
        weights = {name: value for name, value in recipe.items() if name.count(".") == 2}
        self.model = vae.PRESETS[preset]()
        load(self.model, weights)
        self.model = self.model.to(memory_format=layout)
        self.optimizer = vae.adam(self.model, **update)
        self.batches = [
            pictures(batch).contiguous(memory_format=layout) for batch in recipe["pictures"]
        ]
        self.steps = 0
        self.latents = recipe["noise"].shape[2]
        self.loss = torch.compile(self.eager_loss) if compiled else self.eager_loss

    def eager_loss(self, batch, noise):
        mismatch, divergence = self.model.terms(batch, noise)
        return (mismatch + divergence) / len(batch)

    def __call__(self, noise=None):
        batch = self.batches[self.steps % len(self.batches)]
        noise = torch.randn(len(batch), self.latents) if noise is None else noise
        self.steps += 1
        loss = self.loss(batch, noise)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def prepare(request):
    preset = request["model"].removeprefix("vae-")
    recipe = read_recipe(request["recipe"])
    for (layout, memory), compiled, (update, settings) in itertools.product(
        LAYOUTS.items(), [False, True], UPDATES.items()
    ):
        if preset == "dense" and layout != "contiguous":
            continue  # a matrix has one layout
        variant = f"{'compiled' if compiled else 'eager'}, {layout}, {update}"
        try:
            stepper = Stepper(preset, recipe, memory, settings, compiled)
            losses = [stepper(noise) for noise in recipe["noise"]]
        except Exception as error:
            if not compiled:
                raise
            print(f"pytorch, {variant}: left out, {type(error).__name__}", file=sys.stderr)
            continue
        yield "pytorch", variant, stepper, [torch.tensor(losses)]


if __name__ == "__main__":
    answering.serve(prepare)
