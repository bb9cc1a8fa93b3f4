#!/usr/bin/env python3
"""PyTorch's side of `atelier bench training`: one request more than answering.py has.

    {"ask": "prepare", "model": "vae-conv", "recipe": PATH, ...}      -> {"contenders"}

The recipe is a safetensors file: initial weights by Atelier's names and in its order, the noise of
the first steps, and what else the model is given. Results are the losses of those steps. Needs
torch (tried with 2.15), numpy, and for torch.compile a C++ compiler.
"""

import functools
import itertools
import sys

import answering  # first: takes stdout
import dcgan
import tiny_pair
import torch
import twins
import vae

LAYOUTS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}
UPDATES = {"foreach Adam": {"foreach": True}, "fused Adam": {"fused": True}}
# A matrix has one layout.
MODELS = {
    "vae-dense": (functools.partial(vae.Stepper, "dense"), ["contiguous"]),
    "vae-conv": (functools.partial(vae.Stepper, "conv"), vae.LAYOUTS),
    "dcgan-32": (dcgan.Stepper, dcgan.LAYOUTS),
    "tiny-pair": (tiny_pair.Stepper, tiny_pair.LAYOUTS),
}


def prepare(request):
    make, layouts = MODELS[request["model"]]
    recipe = twins.read_recipe(request["recipe"])
    for layout, compiled, (update, settings) in itertools.product(
        layouts, [False, True], UPDATES.items()
    ):
        variant = f"{'compiled' if compiled else 'eager'}, {layout}, {update}"
        try:
            stepper = make(recipe, LAYOUTS[layout], settings, compiled)
            losses = [stepper(noise) for noise in recipe["noise"]]
        except Exception as error:
            if not compiled:
                raise
            print(f"pytorch, {variant}: left out, {type(error).__name__}", file=sys.stderr)
            continue
        yield "pytorch", variant, stepper, [torch.tensor(losses)]


if __name__ == "__main__":
    answering.serve(prepare)
