#!/usr/bin/env python3
"""PyTorch's side of `atelier bench training`: one request more than answering.py has.

    {"ask": "prepare", "model": "vae-conv", "precision": "float32", "recipe": PATH, ...}
                                                                      -> {"contenders"}

The recipe is a safetensors file: initial weights by Atelier's names and in its order, the noise of
the first steps, and what else the model is given. Results are the losses of those steps, with the
weights that they left. Needs torch (tried with 2.15), numpy, and for torch.compile a C++ compiler.
"""

import functools
import itertools
import sys

import answering  # first: takes stdout
import dcgan
import pytorch
import tiny_pair
import torch
import twins
import vae

# All variants of a model share their code; each has guards, and graphs, of its own.
torch._dynamo.config.recompile_limit = 256
# A graph may hold its own gradients, where PyTorch is new enough; elsewhere that way is left out.
if hasattr(torch._dynamo.config, "trace_autograd_ops"):
    torch._dynamo.config.trace_autograd_ops = True

LAYOUTS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}
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
    reduced = request["precision"] == "bfloat16"
    pytorch.multiply_in(request["precision"])
    ways = [way for way in twins.WAYS if request["compiles"] or not way.compiled]
    for layout, way in itertools.product(layouts, ways):
        variant = f"{way.name}, {layout}"
        try:
            stepper = make(recipe, LAYOUTS[layout], way._replace(reduced=reduced))
            losses = [stepper(noise) for noise in recipe["noise"]]
        except Exception as error:
            if not way.compiled:
                raise
            print(f"pytorch, {variant}: left out, {type(error).__name__}", file=sys.stderr)
            continue
        yield "pytorch", variant, stepper, [torch.tensor(losses)], stepper.weights()


if __name__ == "__main__":
    answering.serve(pytorch, prepare)
