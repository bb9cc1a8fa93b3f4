"""What the twins of Atelier's models have in common.

A twin's module has `steppers(recipe, layout, update, compiled)`, which gives one way to train it:
called, it makes a step, with this noise or with noise of its own, and yields the sum of its losses.
"""

import json

import numpy
import torch


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
    """[N, H, W, C] as [N, C, H, W], without moving anything."""
    return tensor.permute(0, 3, 1, 2)


def makes(layer, channels, height, width):
    """Marks a dense layer whose outputs are a picture."""
    layer.makes = (channels, height, width)
    return layer


def takes(layer, channels, height, width):
    """Marks a dense layer whose inputs are a picture."""
    layer.takes = (channels, height, width)
    return layer


def from_picture_last(tensor, size):
    """The last axis, a picture with its channels last, with its channels first."""
    channels, height, width = size
    parts = tensor.reshape(-1, height, width, channels).permute(0, 3, 1, 2)
    return parts.reshape(tensor.shape)


def load(network, weights, prefix):
    """Sets the parameters of a network's layers; both sides declare them in one order."""
    layers = [layer for layer in network if list(layer.parameters(recurse=False))]
    numbers = sorted({int(name.split(".")[1]) for name in weights if name.startswith(prefix + ".")})
    for number, layer in zip(numbers, layers, strict=True):
        for name, parameter in layer.named_parameters(recurse=False):
            parameter.data.copy_(value_of(layer, name, weights, f"{prefix}.{number}"))


def value_of(layer, name, weights, path):
    if isinstance(layer, torch.nn.BatchNorm2d):
        return weights[f"{path}.{'scale' if name == 'weight' else 'shift'}"]
    if isinstance(layer, torch.nn.Linear):
        value = weights[f"{path}.{name}"]
        if hasattr(layer, "makes"):
            value = from_picture_last(value.T, layer.makes).T if value.ndim == 2 else value
            value = from_picture_last(value, layer.makes) if value.ndim == 1 else value
        if hasattr(layer, "takes") and value.ndim == 2:
            value = from_picture_last(value, layer.takes)
        return value
    return pictures(weights[f"{path}.filter"]) if name == "weight" else weights[f"{path}.bias"]


def maybe_compiled(function, compiled):
    return torch.compile(function) if compiled else function
