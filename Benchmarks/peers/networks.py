"""Layers in the order and with the names of ours, and their numbers from our files."""

import re

import torch
from torch import nn
from torch.nn import functional as F

# What PyTorch calls the arrays of a layer, and what our files do.
NAMES = [
    (r"layer\.parametrizations\.weight\.0\._u$", "left"),
    (r"layer\.parametrizations\.weight\.0\._v$", "right"),
    (r"layer\.parametrizations\.weight\.original$", "weight"),
    (r"layer\.(weight|bias)$", r"\1"),
    (r"normalization\.weight$", "normalization.scale"),
    (r"normalization\.bias$", "normalization.shift"),
    (r"running_mean$", "runningMean"),
    (r"running_var$", "runningVariance"),
]


class Unit(nn.Module):
    """A layer; then what normalises its result, and an activation.

    Vectors that are made of pictures, or pictures of them, have channels last, as ours do.
    """

    def __init__(self, layer, normalization=None, activation=None, flatten=False, unflatten=None):
        super().__init__()
        self.layer, self.normalization, self.activation = layer, normalization, activation
        self.flatten, self.unflatten = flatten, unflatten

    def seen(self, x):
        """What the layer gets."""
        return x.movedim(1, 3).flatten(1) if self.flatten else x

    def forward(self, x):
        x = self.layer(self.seen(x))
        if self.unflatten:
            x = x.reshape(len(x), *self.unflatten).movedim(3, 1)
        for then in (self.normalization, self.activation):
            x = then(x) if then else x
        return x


def enlarged(x, size):
    return F.interpolate(x, size=size, mode="nearest-exact") if size else x


class Then(nn.Module):
    """Normalisation, ReLU, resizing and pooling, each where there is one; last the layer."""

    def __init__(self, layer, before=None, activation=F.relu, size=None, pool=None):
        super().__init__()
        self.normalization, self.layer = before, layer
        self.activation, self.size, self.pool = activation, size, pool

    def seen(self, x):
        """What the layer gets."""
        x = self.normalization(x) if self.normalization else x
        x = enlarged(self.activation(x) if self.activation else x, self.size)
        return self.pool(x) if self.pool else x

    def forward(self, x):
        return self.layer(self.seen(x))


def bent(x):
    """Leaky ReLU that keeps the variance."""
    return F.leaky_relu(x, 0.2) * 2**0.5


class Equalized(nn.Module):
    """A dense layer whose weights are scaled when they are used."""

    def __init__(self, inputs, outputs, bias=0.0, slowness=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / slowness)
        self.bias = nn.Parameter(torch.full((outputs,), bias / slowness))
        self.slowness = slowness

    def forward(self, x):
        scale = self.slowness / self.weight.shape[1] ** 0.5
        return F.linear(x, self.weight * scale, self.bias * self.slowness)


class Critic(nn.Sequential):
    """Verdicts, to which classes add; and what it takes a picture's class for."""

    def __init__(self, units, model):
        super().__init__(*units)
        self.depth, self.count = len(units), len(model["classNames"])
        features = units[-1].layer.in_features
        if model["isConditional"]:
            self.projection = Unit(nn.Linear(self.count, features, bias=False))
        if model["ambiguity"] > 0:
            self.classes = Unit(nn.Linear(features, self.count))

    def forward(self, x, labels=None):
        for k in range(self.depth - 1):
            x = self[k](x)
        features, self.opinion = self[self.depth - 1].seen(x), None
        verdicts = self[self.depth - 1].layer(features)
        if hasattr(self, "projection"):
            vectors = self.projection(F.one_hot(labels, self.count).float())
            verdicts = verdicts + (vectors * features).sum(1, keepdim=True)
        if hasattr(self, "classes"):
            self.opinion = self.classes(features)
        return verdicts


def input_size(model):
    return model["latentSize"] + (len(model["classNames"]) if model["isConditional"] else 0)


def normalization(kind, channels):
    """What a critic's layers are normalised by, if by a layer of its own."""
    kinds = {"batch": nn.BatchNorm2d, "layer": lambda count: nn.GroupNorm(1, count)}
    return kinds[kind](channels) if kind in kinds else None


def ours(name):
    for theirs, own in NAMES:
        name = re.sub(theirs, own, name)
    return name


def fill(network, prefix, arrays):
    """Copies our arrays into a network, filters from [out, down, across, in] to PyTorch's order."""
    filters = {name: array for name, array in arrays.items() if name.endswith("filter")}
    for theirs, tensor in network.state_dict().items():
        name = f"{prefix}.{ours(theirs)}"
        if name.endswith("num_batches_tracked"):
            continue
        name = name if name in arrays else re.sub("weight$", "filter", name)
        array = arrays[name]
        if name in filters:
            array = array.movedim(3, 1)
        elif name.endswith("right") and re.sub("right$", "filter", name) in filters:
            inner = filters[re.sub("right$", "filter", name)].shape[1:]
            array = array.reshape(inner).movedim(2, 0).flatten()
        tensor.copy_(array)
