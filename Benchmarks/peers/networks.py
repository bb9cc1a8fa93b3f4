"""Layers in the order and with the names of ours, and their numbers from our files."""

import re

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

    def forward(self, x):
        x = self.layer(x.movedim(1, 3).flatten(1) if self.flatten else x)
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

    def forward(self, x):
        x = self.normalization(x) if self.normalization else x
        x = enlarged(self.activation(x) if self.activation else x, self.size)
        return self.layer(self.pool(x) if self.pool else x)


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
