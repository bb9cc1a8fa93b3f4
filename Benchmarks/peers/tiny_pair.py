"""The PyTorch twin of TinyPairRig: 21-15-10-3 and 3-10-15-21, two losses, two Adams."""

import pytorch
import torch
import twins
from torch import nn

LAYOUTS = ["contiguous"]


def network(sizes):
    layers = []
    for inner, outer in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(inner, outer), nn.ELU()]
    return nn.Sequential(*layers[:-1])


class Stepper:
    def __init__(self, recipe, layout, way):
        self.relational, self.generative = network([21, 15, 10, 3]), network([3, 10, 15, 21])
        twins.load(self.relational, recipe, "relational")
        twins.load(self.generative, recipe, "generative")
        for part in [self.relational, self.generative]:
            part.to(pytorch.DEVICE)
        first, self.second = recipe["templates"]
        self.difference = first - self.second
        self.filter = torch.tensor([1, 1, 0.05], device=pytorch.DEVICE)
        self.filtered_context = recipe["context"] * self.filter
        self.names = recipe.keys()
        self.update = way.update(
            (self.relational.parameters(), {"lr": 1e-4}),
            (self.generative.parameters(), {"lr": 2e-4}),
        )
        self.loss, self.step = way.loss(self.eager_loss), way.step(self.eager_step)

    def eager_loss(self, weights):
        target = self.second + weights * self.difference
        context = self.relational(target)
        regenerated = self.generative(context)
        generative = (regenerated - target).square().sum()
        # It does not depend on the generative network, so one pass serves both optimisers.
        relational = (context * self.filter - self.filtered_context).square().sum()
        return generative + relational

    def eager_step(self, weights):
        loss = self.loss(weights)
        self.update(loss)
        return loss.detach()

    def __call__(self, noise=None):
        if noise is None:
            noise = torch.rand(49, 1, device=pytorch.DEVICE)
        return self.step(noise).item()

    def weights(self):
        relational = twins.weights(self.relational, self.names, "relational")
        return relational | twins.weights(self.generative, self.names, "generative")
