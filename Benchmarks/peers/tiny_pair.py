"""The PyTorch twin of TinyPairRig: 21-15-10-3 and 3-10-15-21, two losses, two Adams."""

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
    def __init__(self, recipe, layout, update, compiled):
        self.relational, self.generative = network([21, 15, 10, 3]), network([3, 10, 15, 21])
        twins.load(self.relational, recipe, "relational")
        twins.load(self.generative, recipe, "generative")
        self.templates, self.context = recipe["templates"], recipe["context"]
        self.filter = torch.tensor([1, 1, 0.05])
        self.adams = [
            torch.optim.Adam(self.relational.parameters(), lr=1e-4, **update),
            torch.optim.Adam(self.generative.parameters(), lr=2e-4, **update),
        ]
        self.loss = twins.maybe_compiled(self.eager_loss, compiled)

    def eager_loss(self, weights):
        first, second = self.templates
        target = second + weights * (first - second)
        context = self.relational(target)
        regenerated = self.generative(context)
        generative = (regenerated - target).square().sum()
        # It does not depend on the generative network, so one pass serves both optimisers.
        relational = (context * self.filter - self.context * self.filter).square().sum()
        return generative + relational

    def __call__(self, noise=None):
        loss = self.loss(torch.rand(49, 1) if noise is None else noise)
        for adam in self.adams:
            adam.zero_grad(set_to_none=True)
        loss.backward()
        for adam in self.adams:
            adam.step()
        return loss.item()
