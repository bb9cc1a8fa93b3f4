"""What the twins of Atelier's models have in common.

A twin's module has a class `Stepper(recipe, layout, way)`, one way to train it: called, it makes a
step, with this noise or with noise of its own, and yields the sum of its losses; `weights()` are
all that its steps change, by Atelier's names and in its layout.
"""

import json
import types
import typing

import numpy
import pytorch
import torch
from torch import nn
from torch.optim.adam import adam as functional_adam


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
        arrays[name] = torch.from_numpy(values.copy()).to(pytorch.DEVICE)
    return arrays


def pictures(tensor):
    """[N, H, W, C] as [N, C, H, W], without moving anything; filters alike."""
    return tensor.permute(0, 3, 1, 2)


def makes(layer, channels, height, width):
    """Marks a dense layer whose outputs are a picture."""
    layer.picture = (0, (channels, height, width))
    return layer


def takes(layer, channels, height, width):
    """Marks a dense layer whose inputs are a picture."""
    layer.picture = (1, (channels, height, width))
    return layer


# Atelier's name of each tensor of a layer, and PyTorch's.
NAMES = {
    nn.Linear: {"weight": "weight", "bias": "bias"},
    nn.Conv2d: {"filter": "weight", "bias": "bias"},
    nn.ConvTranspose2d: {"filter": "weight", "bias": "bias"},
    nn.BatchNorm2d: {
        "scale": "weight",
        "shift": "bias",
        "runningMean": "running_mean",
        "runningVariance": "running_var",
    },
}


def tensors(network, names, prefix):
    """(Atelier's name, layer, tensor) of a network; both sides declare layers in one order."""
    layers = [layer for layer in network if list(layer.parameters(recurse=False))]
    numbers = sorted({int(name.split(".")[1]) for name in names if name.startswith(prefix + ".")})
    for number, layer in zip(numbers, layers, strict=True):
        for ours, theirs in NAMES[type(layer)].items():
            if getattr(layer, theirs) is not None:
                yield f"{prefix}.{number}.{ours}", layer, getattr(layer, theirs)


def load(network, weights, prefix):
    for name, layer, tensor in tensors(network, weights, prefix):
        tensor.data.copy_(in_their_layout(layer, weights[name]))


def weights(network, names, prefix):
    """What load(network, ...) sets, as it is now."""
    return {
        name: in_our_layout(layer, tensor.detach())
        for name, layer, tensor in tensors(network, names, prefix)
    }


def in_their_layout(layer, value):
    if value.ndim == 4:
        return pictures(value)
    axis, (channels, height, width) = picture_of(layer, value)
    parts = value.unflatten(axis, (height, width, channels))
    return parts.movedim(axis + 2, axis).flatten(axis, axis + 2)


def in_our_layout(layer, value):
    if value.ndim == 4:
        return value.permute(0, 2, 3, 1)
    axis, size = picture_of(layer, value)
    return value.unflatten(axis, size).movedim(axis, axis + 2).flatten(axis, axis + 2)


def picture_of(layer, value):
    """The axis of a matrix or vector that is a picture, and its (C, H, W).

    Any axis is a picture of as many channels and a single pixel.
    """
    axis, size = getattr(layer, "picture", (0, None))
    if size is None or axis >= value.ndim:
        return 0, (len(value), 1, 1)
    return axis, size


class Way(typing.NamedTuple):
    """How a variant trains."""

    name: str
    compiled: str  # what torch.compile gets: nothing, the loss, the loss and Adam, the whole step
    adam: str  # of torch.optim.Adam, "foreach" or "fused"; "functional", the function behind them
    reduced: bool = False  # to bfloat16, where autocast has it so

    def loss(self, function):
        """A function of tensors with the model in it, as this variant runs it."""

        def in_bfloat16(*arguments):
            with torch.autocast(pytorch.DEVICE.type, dtype=torch.bfloat16):
                return function(*arguments)

        variant = in_bfloat16 if self.reduced else function
        return torch.compile(variant) if self.compiled in ("loss", "loss and Adam") else variant

    def step(self, method):
        """A method that makes a step of tensors.

        One graph holds all of a compiled one. Nothing that it was compiled for ever changes, so
        none of it is checked again at each call. The code is its own, since the first graph made
        of a code would then serve every other variant as well.
        """
        if self.compiled != "step":
            return method
        code, function = method.__code__.replace(), method.__func__
        own = types.FunctionType(code, function.__globals__, closure=function.__closure__)
        settings = {"guard_filter_fn": torch.compiler.skip_all_guards_unsafe}
        return torch.compile(
            types.MethodType(own, method.__self__), fullgraph=True, options=settings
        )

    def update(self, *groups):
        """From groups of parameters, each with its Adam's settings: loss -> None, moves all."""
        return FunctionalUpdate(groups) if self.adam == "functional" else Update(self, groups)


# The compiled step has the plain Adam, from which the compiler makes loops of its own.
WAYS = [
    Way("eager, foreach Adam", "", "foreach"),
    Way("eager, fused Adam", "", "fused"),
    Way("compiled loss, fused Adam", "loss", "fused"),
    Way("compiled loss and foreach Adam", "loss and Adam", "foreach"),
    Way("compiled step", "step", "functional"),
]


class Update:
    """Gradients, and a step of an optimiser for each group."""

    def __init__(self, way, groups):
        self.optimizers = [
            torch.optim.Adam(parameters, **settings, **{way.adam: True})
            for parameters, settings in groups
        ]
        self.parameters = [
            parameter
            for optimizer in self.optimizers
            for parameter in optimizer.param_groups[0]["params"]
        ]
        self.move = torch.compile(self.step) if way.compiled == "loss and Adam" else self.step

    def __call__(self, loss):
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward(inputs=self.parameters)
        self.move()

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()


class FunctionalUpdate:
    """The same without optimisers, whose bookkeeping would part a compiled step."""

    def __init__(self, groups):
        self.groups = [(list(parameters), settings) for parameters, settings in groups]
        self.parameters = [parameter for group, _ in self.groups for parameter in group]
        self.state = [
            (
                [torch.zeros_like(parameter) for parameter in group],
                [torch.zeros_like(parameter) for parameter in group],
                [torch.tensor(0.0, device=pytorch.DEVICE) for _ in group],
            )
            for group, _ in self.groups
        ]

    def __call__(self, loss):
        gradients = iter(torch.autograd.grad(loss, self.parameters))
        with torch.no_grad():
            for (group, settings), (first, second, steps) in zip(
                self.groups, self.state, strict=True
            ):
                beta1, beta2 = settings.get("betas", (0.9, 0.999))
                functional_adam(
                    group,
                    [next(gradients) for _ in group],
                    first,
                    second,
                    [],
                    steps,
                    foreach=False,
                    amsgrad=False,
                    beta1=beta1,
                    beta2=beta2,
                    lr=settings["lr"],
                    weight_decay=0.0,
                    eps=1e-8,
                    maximize=False,
                )
