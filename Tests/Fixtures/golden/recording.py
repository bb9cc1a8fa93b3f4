"""Records cases: inputs, outputs and gradients, named as make_golden_vectors.py documents."""

import json
import math
import zlib

import numpy
import safetensors.numpy
import torch

tensors, cases = {}, {}


def f32(number):
    """The float32 nearest to a number, as a Python float."""
    return float(numpy.float32(number))


def drawn(name, what, shape):
    """Normal float32 numbers that the tensor's name decides: a new case leaves the others alone."""
    generator = torch.Generator().manual_seed(zlib.crc32(f"{name}/{what}".encode()))
    return torch.randn(shape, generator=generator, dtype=torch.float32)


def store(name, what, tensor):
    array = tensor.detach().contiguous().numpy()
    tensors[f"{name}/{what}"] = array.astype(numpy.int32) if array.dtype == numpy.int64 else array


def begin(name, inputs, parameters):
    """Records parameters and inputs (tensors, or shapes to draw); returns the inputs in float64."""
    assert name not in cases and "/" not in name
    cases[name] = parameters
    values = {}
    for what, value in inputs.items():
        value = value if isinstance(value, torch.Tensor) else drawn(name, what, value)
        store(name, what, value)
        floating = value.is_floating_point()
        values[what] = value.double().requires_grad_() if floating else value
    return values


def store_gradients(name, scalar, values):
    leaves = {what: value for what, value in values.items() if value.requires_grad}
    gradients = torch.autograd.grad(scalar, list(leaves.values()), allow_unused=True)
    for what, gradient in zip(leaves, gradients):
        if gradient is not None:
            store(name, f"d{what}", gradient)


def case(name, function, inputs, differentiable=True, **parameters):
    """Records y = function(**inputs), or outputs with a `y`, and the gradients of sum of y * dy."""
    values = begin(name, inputs, parameters)
    outputs = function(**values)
    outputs = outputs if isinstance(outputs, dict) else {"y": outputs}
    for what, output in outputs.items():
        store(name, what, output)
    if differentiable:
        dy = drawn(name, "dy", outputs["y"].shape)
        store(name, "dy", dy)
        store_gradients(name, (outputs["y"] * dy.double()).sum(), values)


def loss_case(name, function, inputs, **parameters):
    """A dictionary of outputs with a scalar `loss` among them, and gradients of that loss."""
    values = begin(name, inputs, parameters)
    outputs = function(**values)
    for what, output in outputs.items():
        store(name, what, output)
    store_gradients(name, outputs["loss"], values)


def nchw(x):
    """A picture [N, H, W, C], or a filter [Cout, Kh, Kw, Cin], in PyTorch's order of axes."""
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def initial(name, shapes):
    """Weights drawn with a standard deviation of 1 / sqrt(fan in)."""
    return {
        what: drawn(name, what, shape) / math.sqrt(math.prod(shape[1:]))
        for what, shape in shapes.items()
    }


def save(path):
    """Writes all that was recorded; one key of metadata, as the library shuffles several."""
    for name, tensor in tensors.items():
        assert numpy.isfinite(tensor.astype(numpy.float32)).all(), (
            f"{name} leaves the range of float32"
        )
    about = {"torch": torch.__version__.split("+")[0], "cases": cases}
    metadata = {"atelier.golden": json.dumps(about, sort_keys=True, separators=(",", ":"))}
    safetensors.numpy.save_file(tensors, path, metadata)
    print(f"{path.name}: {len(cases)} cases, {len(tensors)} tensors, {path.stat().st_size} bytes")
