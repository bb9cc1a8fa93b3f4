#!/usr/bin/env python3
"""tinygrad's side of `atelier bench kernels` on an OpenCL device: what kernels.py is for PyTorch.

ATELIER_PEER_DEVICE is the device's own name; tinygrad knows the first platform's devices. Rows that
it has are products and, forward, convolutions. A call is captured by TinyJit, which spares it all
but the kernels; BEAM in the environment lets tinygrad search for its kernels' shapes. Needs
tinygrad (tried with 0.14) and numpy.
"""

import importlib.metadata
import itertools
import math
import os

import answering  # first: takes stdout
from noise import noise
from tinygrad import Device, Tensor, TinyJit

WANTED = os.environ.get("ATELIER_PEER_DEVICE", "")


def opened():
    """The index of the wanted device."""
    found = []
    try:
        for index in itertools.count():
            found.append(Device[f"CL:{index}"].device_name)
            if found[-1] == WANTED:
                return index
    except IndexError:
        raise RuntimeError(f"tinygrad finds {', '.join(found)}; {WANTED} is wanted") from None


class TinyGrad:
    def __init__(self):
        self.device = f"CL:{opened()}"

    def describe(self):
        version = importlib.metadata.version("tinygrad")
        beam = os.environ.get("BEAM", "0")
        return f"tinygrad {version} on {Device[self.device].device_name}, BEAM={beam}"

    def use(self, cores):
        pass

    def numbers(self, tensor):
        return tensor.float().contiguous().numpy()

    def finish(self):
        Device[self.device].synchronize()


def tensors(request, device):
    result = []
    for seed, operand in enumerate(request["operands"], 1):
        shape = operand["shape"]
        values = noise(math.prod(shape), seed, operand["scale"]).reshape(shape)
        result.append(Tensor(values, device=device).realize())
    return result


def gemm(request, a, b):
    a = a.transpose() if request["transposingA"] else a
    return a @ (b.transpose() if request["transposingB"] else b)


def convolution(request, pictures, filters):
    """Pictures come as [N, H, W, C], filters as [C of the result, Kh, Kw, C of the picture]."""
    settings = {"stride": request["stride"], "padding": request["padding"]}
    x, w = pictures.permute(0, 3, 1, 2), filters.permute(0, 3, 1, 2)
    y = x.conv_transpose2d(w, **settings) if request["isTransposed"] else x.conv2d(w, **settings)
    return y.permute(0, 2, 3, 1).contiguous()


def knows(request):
    if request.get("precision", "float32") != "float32":
        return False
    operation = request["operation"]
    return operation == "gemm" or operation == "convolution" and request["pass"] == "forward"


def prepare(request):
    if not knows(request):
        return
    operation = {"gemm": gemm, "convolution": convolution}[request["operation"]]
    a, b = tensors(request, library.device)

    @TinyJit
    def call():
        return operation(request, a, b).realize()

    # The first call is eager, the second is captured: from the third on it is the kernels alone.
    for _ in range(2):
        call()
    yield "tinygrad", "TinyJit", call, [call()], {}


if __name__ == "__main__":
    library = TinyGrad()
    answering.serve(library, prepare)
