#!/usr/bin/env python3
"""PyTorch's side of `atelier bench kernels`: one request more than answering.py has.

    {"ask": "prepare", "operation", "operands", ...}      -> {"contenders"}

Pictures come as [N, H, W, C], filters as [C of the result, Kh, Kw, C of the picture]; results are
in the same order. On a GPU there is PyTorch alone, without oneDNN. Needs torch (tried with 2.15)
and numpy.
"""

import functools
import sys

import answering  # first: takes stdout
import pytorch
import torch
import torch.nn.functional as F
from noise import noise

ACTIVATIONS = {
    "relu": (torch.relu, lambda x, out: torch.clamp_min(x, 0, out=out)),
    "gelu": (F.gelu, torch.ops.aten.gelu.out),
    "silu": (F.silu, torch.ops.aten.silu.out),
    "sigmoid": (torch.sigmoid, torch.ops.aten.sigmoid.out),
    "tanh": (torch.tanh, torch.ops.aten.tanh.out),
    "softplus": (F.softplus, torch.ops.aten.softplus.out),
}
LAYOUTS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}


def tensors(request):
    """The operands, made afresh: contender by contender, since some are updated in place."""
    result = []
    for seed, operand in enumerate(request["operands"], 1):
        shape, scale = operand["shape"], operand["scale"]
        count = torch.Size(shape).numel()
        values = torch.from_numpy(noise(count, seed, scale)) if scale else torch.zeros(count)
        result.append(values.reshape(shape).to(pytorch.DEVICE, precision(request)))
    return result


def precision(request):
    return torch.bfloat16 if request.get("precision") == "bfloat16" else torch.float32


def pictures(tensor):
    """[N, H, W, C] as PyTorch names it, [N, C, H, W]; filters alike."""
    return tensor.permute(0, 3, 1, 2)


def channels_last(tensor):
    return tensor.permute(0, 2, 3, 1)


def empty(shape, request, layout):
    """A picture or filters that only their shape matters of."""
    tensor = torch.empty(shape, dtype=precision(request), device=pytorch.DEVICE)
    return tensor.contiguous(memory_format=layout)


def wants_onednn(request):
    return "onednn" in request["peers"] and not pytorch.ON_GPU


# Each operation yields (peer, variant, call): call() gives the row's results.


def gemm(request):
    a, b = tensors(request)
    a = a.t() if request["transposingA"] else a
    b = b.t() if request["transposingB"] else b
    yield "pytorch", "mm", lambda: [torch.mm(a, b)]
    if not wants_onednn(request):
        return
    weight = b.t().contiguous()  # [n, k], the layout oneDNN likes best
    linear = torch.ops.mkldnn._linear_pointwise
    yield "onednn", "inner product", lambda: [linear(a, weight, None, "none", [], "")]
    if request.get("holdsWeights"):
        kept = torch.ops.mkldnn._reorder_linear_weight(weight, a.shape[0])
        yield (
            "onednn",
            "inner product, weights reordered before",
            lambda: [linear(a, kept, None, "none", [], "")],
        )


def convolution(request):
    stride, padding = [request["stride"]] * 2, [request["padding"]] * 2
    transposed, which = request["isTransposed"], request["pass"]
    picture = [request["input"][place] for place in (0, 3, 1, 2)]
    kernel = [request["filter"][place] for place in (0, 3, 1, 2)]

    def backward(dy, x, w, mask):
        return torch.ops.aten.convolution_backward(
            dy, x, w, None, stride, padding, [1, 1], transposed, [0, 0], 1, mask
        )

    def call(layout):
        first, second = (
            pictures(operand).contiguous(memory_format=layout) for operand in tensors(request)
        )
        if which == "forward":
            forward = F.conv_transpose2d if transposed else F.conv2d
            return lambda: [channels_last(forward(first, second, None, stride, padding))]
        if which == "input-gradient":
            x = empty(picture, request, layout)
            return lambda: [channels_last(backward(first, x, second, [True, False, False])[0])]
        w = empty(kernel, request, layout)
        return lambda: [channels_last(backward(second, first, w, [False, True, False])[1])]

    for name, layout in LAYOUTS.items():
        yield "pytorch", name, call(layout)
    if not wants_onednn(request):
        return
    if which == "forward" and not transposed:
        x, w = (pictures(operand).contiguous() for operand in tensors(request))
        direct = torch.ops.mkldnn._convolution_pointwise
        settings = (None, padding, stride, [1, 1], 1, "none", [], "")
        yield "onednn", "convolution", lambda: [channels_last(direct(x, w, *settings))]
    if which == "forward" and request.get("holdsWeights"):
        yield from by_kept_weights(request, stride, padding)


def by_kept_weights(request, stride, padding):
    """Forward, the filter having been put into oneDNN's own order before."""
    operations = torch.ops.mkldnn
    for name, layout in LAYOUTS.items():
        x, w = (pictures(operand).contiguous(memory_format=layout) for operand in tensors(request))
        if request["isTransposed"]:
            settings = (padding, [0, 0], stride, [1, 1], 1)
            kept = operations._reorder_convolution_transpose_weight(w, *settings, list(x.shape))
            call = operations._convolution_transpose_pointwise
        else:
            settings = (padding, stride, [1, 1], 1)
            kept = operations._reorder_convolution_weight(w, *settings, list(x.shape))
            call = operations._convolution_pointwise

        def run(x=x, kept=kept, call=call, settings=settings):
            return [channels_last(call(x, kept, None, *settings, "none", [], ""))]

        yield "onednn", f"{name}, weights reordered before", run


def activation(request):
    (x,) = tensors(request)
    function, into = ACTIVATIONS[request["activation"]]
    yield "pytorch", "eager", lambda: [function(x)]
    # PyTorch gives large results back to the system and pays for their pages at every call; into
    # memory that is there already it does not.
    y = torch.empty_like(x)
    yield "pytorch", "into memory kept", lambda: [into(x, out=y)]


def layer_normalization(request):
    x, scale, shift = tensors(request)
    yield "pytorch", "eager", lambda: [F.layer_norm(x, x.shape[1:], scale, shift)]
    y = torch.empty_like(x)

    # Its out= normalises elsewhere and then copies; compiled, it writes where it is to.
    @functools.partial(torch.compile, dynamic=False)
    def into(x, y):
        return y.copy_(F.layer_norm(x, x.shape[1:], scale, shift))

    try:
        into(x, y)
    except Exception as error:
        print(f"layer norm, compiled: left out, {type(error).__name__}", file=sys.stderr)
    else:
        yield "pytorch", "compiled, into memory kept", lambda: [into(x, y)]


def batch_normalization(request):
    for name, layout in LAYOUTS.items():
        x, scale, shift = tensors(request)
        x = pictures(x).contiguous(memory_format=layout)
        yield (
            "pytorch",
            name,
            lambda x=x: [channels_last(F.batch_norm(x, None, None, scale, shift, training=True))],
        )
        y, mean, deviation = torch.empty_like(x), torch.empty_like(scale), torch.empty_like(scale)

        def into(x=x, y=y, mean=mean, deviation=deviation):
            torch.ops.aten.native_batch_norm.out(
                *(x, scale, shift, None, None, True, 0.1, 1e-5),
                out=y,
                save_mean=mean,
                save_invstd=deviation,
            )
            return [channels_last(y)]

        yield "pytorch", f"{name}, into memory kept", into


def adam(request):
    for name in ("fused", "foreach"):
        gradient, parameter, first, second = tensors(request)
        parameter = torch.nn.Parameter(parameter)
        parameter.grad = gradient
        optimizer = torch.optim.Adam([parameter], lr=request["rate"], **{name: True})
        optimizer.state[parameter] = {
            "step": torch.tensor(0.0, device=pytorch.DEVICE),
            "exp_avg": first,
            "exp_avg_sq": second,
        }
        results = [parameter, first, second]

        def call(optimizer=optimizer, results=results):
            optimizer.step()
            return results

        yield "pytorch", name, call

    # The kernel alone, as ours is: with the first step's corrections for ever, and no optimiser.
    gradient, parameter, first, second = tensors(request)
    lists = (
        [parameter],
        [gradient],
        [first],
        [second],
        [],
        [torch.tensor(1.0, device=pytorch.DEVICE)],
    )

    def kernel():
        torch._fused_adam_(
            *lists,
            lr=request["rate"],
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )
        return [parameter, first, second]

    yield "pytorch", "fused kernel", kernel


OPERATIONS = {
    "gemm": gemm,
    "convolution": convolution,
    "activation": activation,
    "layerNormalization": layer_normalization,
    "batchNormalization": batch_normalization,
    "adam": adam,
}


def prepare(request):
    """Contenders one by one, so that no two need memory before they are asked for."""
    pytorch.multiply_in(request.get("precision"))
    for peer, variant, call in OPERATIONS[request["operation"]](request):
        if peer in request["peers"]:
            yield peer, variant, call, call(), {}


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    answering.serve(pytorch, prepare)
