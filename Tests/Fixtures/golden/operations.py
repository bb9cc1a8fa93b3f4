"""Cases of single operations."""

import torch
import torch.nn.functional as F

from golden.recording import case, drawn, f32, nchw, nhwc


def elementwise():
    everywhere = torch.cat(
        [torch.arange(-24, 25) / 4, torch.tensor([-80.0, -30.0, -1e-4, 1e-4, 30.0, 80.0])]
    )
    positive = torch.cat([torch.linspace(0.125, 6, 21), torch.tensor([1e-30, 1e-4, 100.0, 1e30])])
    slope = f32(0.2)
    functions = {
        "relu": (torch.relu, everywhere, {}),
        "leaky-relu": (lambda x: F.leaky_relu(x, slope), everywhere, {"slope": slope}),
        "elu": (F.elu, everywhere, {"alpha": 1}),
        "gelu": (F.gelu, everywhere, {}),
        "silu": (F.silu, everywhere, {}),
        "sigmoid": (torch.sigmoid, everywhere, {}),
        "tanh": (torch.tanh, everywhere, {}),
        # PyTorch's softplus turns linear above a threshold; this is log(1 + exp(x)) everywhere.
        "softplus": (lambda x: torch.logaddexp(x, torch.zeros_like(x)), everywhere, {}),
        "exp": (torch.exp, everywhere, {}),
        "expm1": (torch.expm1, everywhere, {}),
        "erf": (torch.erf, everywhere, {}),
        "log": (torch.log, positive, {}),
        "log1p": (torch.log1p, torch.cat([positive, -positive[positive < 1], torch.zeros(1)]), {}),
        "sqrt": (torch.sqrt, positive, {}),
        "rsqrt": (torch.rsqrt, positive[positive > 1e-6], {}),
    }
    for name, (function, x, parameters) in functions.items():
        case(name, lambda x: function(x), {"x": x}, op=name, **parameters)


def rows():
    for name, shape in {"small": (3, 5), "wide": (4, 67), "one-column": (3, 1)}.items():
        case(f"softmax-{name}", lambda x: F.softmax(x, -1), {"x": shape}, op="softmax")
        case(f"log-softmax-{name}", lambda x: F.log_softmax(x, -1), {"x": shape}, op="log-softmax")
    far = torch.tensor([[-200.0, 0.0, 200.0], [88.0, 89.0, 90.0]])
    case("softmax-far", lambda x: F.softmax(x, -1), {"x": far}, op="softmax")
    case("log-softmax-far", lambda x: F.log_softmax(x, -1), {"x": far}, op="log-softmax")

    # Losses are summed over the columns of each row.
    def bce(prediction, target):
        return F.binary_cross_entropy_with_logits(prediction, target, reduction="none").sum(-1)

    def squared_error(prediction, target):
        return F.mse_loss(prediction, target, reduction="none").sum(-1)

    target = torch.sigmoid(drawn("bce-with-logits", "target", (3, 19)))
    case("bce-with-logits", bce, {"prediction": (3, 19), "target": target}, op="bce-with-logits")
    logits = torch.tensor([[-100.0, -30.0, -1e-3, 0.0, 1e-3, 30.0, 100.0]]).repeat(3, 1)
    hard = torch.tensor([[0.0], [1.0], [0.25]]).repeat(1, 7)
    case("bce-with-logits-far", bce, {"prediction": logits, "target": hard}, op="bce-with-logits")
    case(
        "squared-error",
        squared_error,
        {"prediction": (3, 19), "target": (3, 19)},
        op="squared-error",
    )


def reductions():
    for axes in [[0], [1], [3], [0, 1], [1, 2], [0, 3], [0, 1, 2, 3]]:
        suffix = "".join(map(str, axes))
        x = {"x": (3, 5, 4, 7)}
        case(f"sum-{suffix}", lambda x: x.sum(axes), x, op="sum", axes=axes)
        case(f"mean-{suffix}", lambda x: x.mean(axes), x, op="mean", axes=axes)
        case(f"max-{suffix}", lambda x: x.amax(axes), x, op="max", axes=axes)
        case(f"min-{suffix}", lambda x: x.amin(axes), x, op="min", axes=axes)
    for axis in range(3):
        x = {"x": (3, 5, 4)}
        case(
            f"argmax-{axis}",
            lambda x: x.argmax(axis),
            x,
            differentiable=False,
            op="argmax",
            axes=[axis],
        )
        case(
            f"argmin-{axis}",
            lambda x: x.argmin(axis),
            x,
            differentiable=False,
            op="argmin",
            axes=[axis],
        )


def embedding():
    indices = torch.tensor([3, 0, 3, 6, 3, 1, 1, 0, 6], dtype=torch.int32)
    case(
        "embedding",
        lambda table, indices: F.embedding(indices, table),
        {"table": (7, 5), "indices": indices},
        op="embedding",
    )


def matrix_products():
    for shape_name, (m, n, k) in {"small": (3, 5, 4), "odd": (17, 13, 33)}.items():
        for ta in [False, True]:
            for tb in [False, True]:

                def product(a, b, ta=ta, tb=tb):
                    return (a.mT if ta else a) @ (b.mT if tb else b)

                letters = ("t" if ta else "n") + ("t" if tb else "n")
                parameters = {"op": "matmul", "transposeA": ta, "transposeB": tb}
                a, b = (k, m) if ta else (m, k), (n, k) if tb else (k, n)
                case(f"matmul-{letters}-{shape_name}", product, {"a": a, "b": b}, **parameters)
                if shape_name == "small":
                    case(
                        f"matmul-{letters}-batched",
                        product,
                        {"a": (3, *a), "b": (3, *b)},
                        **parameters,
                    )
    case(
        "matmul-nn-shared-b",
        lambda a, b: a @ b,
        {"a": (3, 4, 5), "b": (5, 2)},
        op="matmul",
        transposeA=False,
        transposeB=False,
    )
    case(
        "dense",
        lambda x, weight, bias: F.linear(x, weight, bias),
        {"x": (5, 7), "weight": (3, 7), "bias": (3,)},
        op="dense",
    )


def convolutions():
    #        name               n  h   w  cin cout kernel  stride  pad     dilation groups
    for name, n, h, w, cin, cout, kernel, stride, padding, dilation, groups in [
        ("1x1",                 2, 3,  5, 4,  3,   (1, 1), (1, 1), (0, 0), (1, 1), 1),
        ("3x3-same",            2, 7,  5, 3,  4,   (3, 3), (1, 1), (1, 1), (1, 1), 1),
        ("4x4-stride-2",        2, 8,  6, 1,  5,   (4, 4), (2, 2), (1, 1), (1, 1), 1),
        ("5x5-stride-2-odd",    1, 11, 9, 2,  3,   (5, 5), (2, 2), (2, 2), (1, 1), 1),
        ("3x3-stride-3",        1, 10, 8, 2,  2,   (3, 3), (3, 3), (0, 0), (1, 1), 1),
        ("2x5-mixed",           2, 6,  9, 3,  2,   (2, 5), (1, 2), (1, 0), (1, 1), 1),
        ("5x1",                 1, 7,  4, 2,  3,   (5, 1), (1, 1), (2, 0), (1, 1), 1),
        ("3x3-dilated",         1, 9,  8, 2,  3,   (3, 3), (1, 1), (2, 2), (2, 2), 1),
        ("3x2-dilated-stride",  1, 9,  8, 2,  3,   (3, 2), (2, 1), (3, 1), (3, 2), 1),
        ("3x3-groups",          2, 5,  6, 6,  4,   (3, 3), (2, 2), (1, 1), (1, 1), 2),
        ("3x3-depthwise",       1, 6,  5, 5,  5,   (3, 3), (1, 1), (1, 1), (1, 1), 5),
        ("3x3-wide",            1, 5,  5, 17, 19,  (3, 3), (1, 1), (1, 1), (1, 1), 1),
    ]:  # fmt: skip

        def convolve(x, filter, bias):
            return nhwc(F.conv2d(nchw(x), nchw(filter), bias, stride, padding, dilation, groups))

        case(
            f"conv2d-{name}",
            convolve,
            {"x": (n, h, w, cin), "filter": (cout, *kernel, cin // groups), "bias": (cout,)},
            op="conv2d",
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )


def transposed_convolutions():
    #        name                  n  h  w  cin cout kernel  stride  pad     extra   dilation groups
    for name, n, h, w, cin, cout, kernel, stride, padding, extra, dilation, groups in [
        ("4x4-stride-2",           2, 4, 3, 5,  2,   (4, 4), (2, 2), (1, 1), (0, 0), (1, 1), 1),
        ("3x3-stride-1",           2, 5, 4, 3,  2,   (3, 3), (1, 1), (1, 1), (0, 0), (1, 1), 1),
        ("3x3-output-padding",     1, 4, 5, 3,  2,   (3, 3), (2, 2), (1, 1), (1, 1), (1, 1), 1),
        ("5x2-stride-3x2",         1, 3, 4, 2,  3,   (5, 2), (3, 2), (2, 0), (2, 1), (1, 1), 1),
        ("3x3-dilated",            1, 4, 3, 2,  3,   (3, 3), (2, 1), (1, 2), (1, 0), (2, 2), 1),
        ("2x2-gap",                1, 3, 3, 2,  2,   (2, 2), (3, 3), (0, 0), (0, 0), (1, 1), 1),
        ("3x3-groups",             1, 4, 3, 4,  6,   (3, 3), (2, 2), (1, 1), (0, 1), (1, 1), 2),
    ]:  # fmt: skip

        def convolve(x, filter, bias):
            y = F.conv_transpose2d(
                nchw(x), nchw(filter), bias, stride, padding, extra, groups, dilation
            )
            return nhwc(y)

        case(
            f"conv-transpose2d-{name}",
            convolve,
            {"x": (n, h, w, cin), "filter": (cin, *kernel, cout // groups), "bias": (cout,)},
            op="conv-transpose2d",
            stride=stride,
            padding=padding,
            outputPadding=extra,
            dilation=dilation,
            groups=groups,
        )


def pooling():
    for name, size, kernel, stride, padding in [
        ("2x2", (2, 6, 4, 3), (2, 2), (2, 2), (0, 0)),
        ("3x3-overlapping", (1, 7, 6, 2), (3, 3), (2, 2), (1, 1)),
        ("3x2-mixed", (2, 8, 5, 2), (3, 2), (1, 3), (1, 0)),
    ]:
        geometry = {"kernel": kernel, "stride": stride, "padding": padding}
        for counted in [True, False]:

            def average(x):
                return nhwc(
                    F.avg_pool2d(nchw(x), kernel, stride, padding, count_include_pad=counted)
                )

            case(
                f"average-pool2d-{name}-{'with' if counted else 'without'}-padding",
                average,
                {"x": size},
                op="average-pool2d",
                countPadding=counted,
                **geometry,
            )

        def largest(x):
            n, h, w, c = x.shape
            y, plane = F.max_pool2d(
                nchw(x).contiguous(), kernel, stride, padding, return_indices=True
            )
            # `plane` counts within one channel of one picture, `index` within x as a whole.
            example = torch.arange(n).reshape(n, 1, 1, 1) * h * w
            return {"y": nhwc(y), "index": (nhwc(plane) + example) * c + torch.arange(c)}

        case(f"max-pool2d-{name}", largest, {"x": size}, op="max-pool2d", **geometry)
        # The first of equals wins, and gets the gradient.
        ties = drawn(name, "ties", size).round().clamp(-1, 1)
        case(f"max-pool2d-{name}-ties", largest, {"x": ties}, op="max-pool2d", **geometry)


def resizing():
    for name, size, to in [
        ("twice", (2, 3, 4, 2), (6, 8)),
        ("up-odd", (1, 4, 5, 3), (7, 11)),
        ("down", (1, 9, 8, 2), (4, 3)),
        ("mixed", (2, 7, 3, 1), (3, 7)),
        ("from-one", (1, 1, 2, 2), (3, 2)),
    ]:

        def nearest(x):
            y = nhwc(F.interpolate(nchw(x), to, mode="nearest-exact"))
            # The rule in integers: target t reads source (2 t + 1) from / (2 to), rounded down.
            source = [
                torch.tensor([(2 * t + 1) * a // (2 * b) for t in range(b)])
                for a, b in zip(size[1:3], to, strict=True)
            ]
            assert torch.equal(y, x[:, source[0]][:, :, source[1]])
            return y

        def bilinear(x):
            return nhwc(F.interpolate(nchw(x), to, mode="bilinear", align_corners=False))

        case(f"nearest-{name}", nearest, {"x": size}, op="resize-nearest", size=to)
        case(f"bilinear-{name}", bilinear, {"x": size}, op="resize-bilinear", size=to)


def normalisations():
    epsilon, momentum = f32(1e-5), f32(0.1)
    c = 6
    learnt = {"x": (4, 3, 5, c), "scale": (c,), "shift": (c,)}
    mean = drawn("batch-norm", "runningMean", (c,))
    variance = drawn("batch-norm", "runningVariance", (c,)).exp()

    def batch(x, scale, shift, runningMean, runningVariance, training):
        new = runningMean.detach().clone(), runningVariance.detach().clone()
        y = nhwc(F.batch_norm(nchw(x), *new, scale, shift, training, momentum, epsilon))
        # After training the running variance has taken in the unbiased variance of the batch.
        return {"y": y, "newRunningMean": new[0], "newRunningVariance": new[1]} if training else y

    for mode in ["training", "evaluation"]:

        def in_mode(**values):
            return batch(training=mode == "training", **values)

        case(
            f"batch-norm-{mode}",
            in_mode,
            {**learnt, "runningMean": mean, "runningVariance": variance},
            op="batch-norm",
            training=mode == "training",
            epsilon=epsilon,
            momentum=momentum,
        )
    case(
        "layer-norm",
        lambda x, scale, shift: F.layer_norm(x, (13,), scale, shift, epsilon),
        {"x": (5, 13), "scale": (13,), "shift": (13,)},
        op="layer-norm",
        epsilon=epsilon,
    )
    for groups in [1, 2, 3]:
        case(
            f"group-norm-{groups}",
            lambda x, scale, shift: nhwc(F.group_norm(nchw(x), groups, scale, shift, epsilon)),
            learnt,
            op="group-norm",
            groups=groups,
            epsilon=epsilon,
        )
    case(
        "instance-norm",
        lambda x, scale, shift: nhwc(
            F.instance_norm(nchw(x), weight=scale, bias=shift, eps=epsilon)
        ),
        learnt,
        op="instance-norm",
        epsilon=epsilon,
    )


def record():
    elementwise()
    rows()
    reductions()
    embedding()
    matrix_products()
    convolutions()
    transposed_convolutions()
    pooling()
    resizing()
    normalisations()
