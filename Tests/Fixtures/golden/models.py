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


def dense(x, weights, layer):
    return F.linear(x, weights[f"{layer}.weight"], weights[f"{layer}.bias"])


def record_vae(name, encode, decode, picture, latent, shapes, **parameters):
    """Weights have the names that Atelier's VAE gives them: `encoder.0.weight` and so on."""
    pictures = torch.sigmoid(drawn(name, "x", picture))
    inputs = {"x": pictures, "noise": (picture[0], latent), **initial(name, shapes)}
    loss_case(name, variational(encode, decode), inputs, op="vae", latent=latent, **parameters)


def dense_vae():
    batch, h, w, hidden, latent = 5, 4, 3, 7, 2

    def encode(x, p):
        return dense(torch.relu(dense(x.flatten(1), p, "encoder.0")), p, "encoder.1")

    def decode(z, p):
        hidden = torch.relu(dense(z, p, "decoder.0"))
        return dense(hidden, p, "decoder.1").reshape(-1, h, w, 1)

    shapes = {}
    for layer, inputs, outputs in [
        ("encoder.0", h * w, hidden),
        ("encoder.1", hidden, 2 * latent),
        ("decoder.0", latent, hidden),
        ("decoder.1", hidden, h * w),
    ]:
        shapes |= {f"{layer}.weight": (outputs, inputs), f"{layer}.bias": (outputs,)}
    record_vae("vae-dense", encode, decode, (batch, h, w, 1), latent, shapes, hidden=[hidden])


def convolutional_vae(name, batch, h, w, channels):
    """4x4 filters, stride 2, padding 1 halve the picture twice, rounding down."""
    narrow, wide, latent = 3, 5, 2
    middle, small = (h // 2, w // 2), (h // 4, w // 4)
    features = math.prod(small) * wide

    def convolve(x, p, layer):
        filter, bias = p[f"{layer}.filter"], p[f"{layer}.bias"]
        return nhwc(F.conv2d(nchw(x), nchw(filter), bias, stride=2, padding=1))

    def undo(x, p, layer, size):
        filter, bias = p[f"{layer}.filter"], p[f"{layer}.bias"]
        extra = tuple(to - 2 * of for to, of in zip(size, x.shape[1:3], strict=True))
        return nhwc(F.conv_transpose2d(nchw(x), nchw(filter), bias, 2, 1, output_padding=extra))

    def encode(x, p):
        x = torch.relu(convolve(x, p, "encoder.0"))
        x = torch.relu(convolve(x, p, "encoder.1"))
        return dense(x.flatten(1), p, "encoder.2")

    def decode(z, p):
        x = torch.relu(dense(z, p, "decoder.0")).reshape(-1, *small, wide)
        x = torch.relu(undo(x, p, "decoder.1", middle))
        return undo(x, p, "decoder.2", (h, w))

    shapes = {
        "encoder.0.filter": (narrow, 4, 4, channels),
        "encoder.0.bias": (narrow,),
        "encoder.1.filter": (wide, 4, 4, narrow),
        "encoder.1.bias": (wide,),
        "encoder.2.weight": (2 * latent, features),
        "encoder.2.bias": (2 * latent,),
        "decoder.0.weight": (features, latent),
        "decoder.0.bias": (features,),
        "decoder.1.filter": (wide, 4, 4, narrow),
        "decoder.1.bias": (narrow,),
        "decoder.2.filter": (narrow, 4, 4, channels),
        "decoder.2.bias": (channels,),
    }
    picture = (batch, h, w, channels)
    record_vae(name, encode, decode, picture, latent, shapes, filters=[narrow, wide])


def record():
    optimisers()
    clipping()
    gradient_penalty()
    dense_vae()
    convolutional_vae("vae-convolutional", batch=3, h=8, w=12, channels=1)
    convolutional_vae("vae-convolutional-odd", batch=2, h=7, w=10, channels=3)
