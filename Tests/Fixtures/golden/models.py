"""Cases of optimisers and of whole models with their losses."""

import math

import torch
import torch.nn.functional as F

from golden.recording import begin, drawn, f32, initial, loss_case, nchw, nhwc, store


def optimisers():
    steps, count = 5, 13
    rate, decay = f32(0.05), f32(0.1)
    adam = {"rate": rate, "beta1": f32(0.9), "beta2": f32(0.999), "epsilon": f32(1e-8)}
    for name, optimiser, parameters in [
        ("sgd", "SGD", {"rate": rate}),
        ("sgd-momentum", "SGD", {"rate": rate, "momentum": f32(0.9), "weightDecay": decay}),
        (
            "sgd-nesterov",
            "SGD",
            {"rate": rate, "momentum": f32(0.9), "weightDecay": decay, "nesterov": True},
        ),
        ("adam", "Adam", adam),
        ("adam-weight-decay", "Adam", {**adam, "weightDecay": decay}),
        ("adamw", "AdamW", {**adam, "weightDecay": decay}),
    ]:
        values = begin(
            name, {"parameter": (count,), "gradients": (steps, count)}, {"op": name, **parameters}
        )
        parameter = values["parameter"].detach().requires_grad_()
        options = {"lr": rate, "weight_decay": parameters.get("weightDecay", 0)}
        if optimiser == "SGD":
            options |= {
                "momentum": parameters.get("momentum", 0),
                "nesterov": parameters.get("nesterov", False),
            }
        else:
            options |= {"betas": (adam["beta1"], adam["beta2"]), "eps": adam["epsilon"]}
        rule = getattr(torch.optim, optimiser)([parameter], **options)
        trajectory = []
        for gradient in values["gradients"].detach():
            parameter.grad = gradient.clone()
            rule.step()
            trajectory.append(parameter.detach().clone())
        store(name, "parameters", torch.stack(trajectory))  # after each step


def clipping():
    """Gradients scaled by min(1, maximum / (norm + epsilon)), the norm taken over both together."""
    for name, maximum in [("clip-norm-clipped", 1.5), ("clip-norm-whole", 100.0)]:
        values = begin(
            name,
            {"first": (3, 4), "second": (5,)},
            {"op": "clip-norm", "maximum": maximum, "epsilon": 1e-6},
        )
        parameters = [torch.zeros_like(value) for value in values.values()]
        for parameter, value in zip(parameters, values.values(), strict=True):
            parameter.grad = value.detach().clone()
        store(name, "norm", torch.nn.utils.clip_grad_norm_(parameters, maximum))
        store(name, "clippedFirst", parameters[0].grad)
        store(name, "clippedSecond", parameters[1].grad)


def gradient_penalty():
    """Mean squared norm of d score / d x; the gradients of that are second derivatives."""

    def penalty(x, filter, bias, weight, offset):
        hidden = torch.tanh(nhwc(F.conv2d(nchw(x), nchw(filter), bias, stride=2, padding=1)))
        score = F.linear(hidden.flatten(1), weight, offset)
        (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
        return {"score": score, "slope": slope, "loss": slope.square().sum((1, 2, 3)).mean()}

    loss_case(
        "gradient-penalty",
        penalty,
        {
            "x": (3, 5, 6, 2),
            "filter": (4, 3, 3, 2),
            "bias": (4,),
            "weight": (1, 3 * 3 * 4),
            "offset": (1,),
        },
        op="gradient-penalty",
        stride=2,
        padding=1,
    )


def variational(encode, decode):
    """Negative ELBO with Bernoulli pixels: summed over pixels and latents, mean over the batch.

    `encode` returns [N, 2 L]: the means, then the logarithms of the variances.
    """

    def negative_elbo(x, noise, **weights):
        mean, log_variance = encode(x, weights).chunk(2, -1)
        logits = decode(mean + (log_variance / 2).exp() * noise, weights)
        mismatch = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        divergence = (mean.square() + log_variance.exp() - log_variance - 1).sum() / 2 / len(x)
        return {
            "mean": mean,
            "logVariance": log_variance,
            "logits": logits,
            "reconstruction": mismatch,
            "divergence": divergence,
            "loss": mismatch + divergence,
        }

    return negative_elbo


def dense_vae():
    name, batch, h, w, hidden, latent = "vae-dense", 5, 4, 3, 7, 2

    def encode(x, p):
        hidden = torch.relu(F.linear(x.flatten(1), p["encoderWeight"], p["encoderBias"]))
        return F.linear(hidden, p["posteriorWeight"], p["posteriorBias"])

    def decode(z, p):
        hidden = torch.relu(F.linear(z, p["decoderWeight"], p["decoderBias"]))
        return F.linear(hidden, p["pixelWeight"], p["pixelBias"]).reshape(-1, h, w, 1)

    weights = initial(
        name,
        {
            "encoderWeight": (hidden, h * w),
            "encoderBias": (hidden,),
            "posteriorWeight": (2 * latent, hidden),
            "posteriorBias": (2 * latent,),
            "decoderWeight": (hidden, latent),
            "decoderBias": (hidden,),
            "pixelWeight": (h * w, hidden),
            "pixelBias": (h * w,),
        },
    )
    pictures = torch.sigmoid(drawn(name, "x", (batch, h, w, 1)))
    loss_case(
        name,
        variational(encode, decode),
        {"x": pictures, "noise": (batch, latent), **weights},
        op="vae",
        hidden=hidden,
        latent=latent,
    )


def convolutional_vae():
    name, batch, h, w, narrow, wide, latent = "vae-conv", 3, 8, 12, 3, 5, 2
    small = (h // 4, w // 4, wide)

    def encode(x, p):
        x = torch.relu(
            F.conv2d(nchw(x), nchw(p["encoderFilter1"]), p["encoderBias1"], stride=2, padding=1)
        )
        x = torch.relu(
            F.conv2d(x, nchw(p["encoderFilter2"]), p["encoderBias2"], stride=2, padding=1)
        )
        return F.linear(nhwc(x).flatten(1), p["posteriorWeight"], p["posteriorBias"])

    def decode(z, p):
        x = torch.relu(F.linear(z, p["decoderWeight"], p["decoderBias"])).reshape(-1, *small)
        x = F.conv_transpose2d(
            nchw(x), nchw(p["decoderFilter1"]), p["decoderBias1"], stride=2, padding=1
        )
        x = F.conv_transpose2d(
            torch.relu(x), nchw(p["decoderFilter2"]), p["decoderBias2"], stride=2, padding=1
        )
        return nhwc(x)

    weights = initial(
        name,
        {
            "encoderFilter1": (narrow, 4, 4, 1),
            "encoderBias1": (narrow,),
            "encoderFilter2": (wide, 4, 4, narrow),
            "encoderBias2": (wide,),
            "posteriorWeight": (2 * latent, math.prod(small)),
            "posteriorBias": (2 * latent,),
            "decoderWeight": (math.prod(small), latent),
            "decoderBias": (math.prod(small),),
            "decoderFilter1": (wide, 4, 4, narrow),
            "decoderBias1": (narrow,),
            "decoderFilter2": (narrow, 4, 4, 1),
            "decoderBias2": (1,),
        },
    )
    pictures = torch.sigmoid(drawn(name, "x", (batch, h, w, 1)))
    loss_case(
        name,
        variational(encode, decode),
        {"x": pictures, "noise": (batch, latent), **weights},
        op="vae",
        channels=[narrow, wide],
        kernel=4,
        stride=2,
        padding=1,
        latent=latent,
    )


def record():
    optimisers()
    clipping()
    gradient_penalty()
    dense_vae()
    convolutional_vae()
