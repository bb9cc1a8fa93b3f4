"""The dense networks of `atelier train gan`: a twin of Sources/Models/GAN."""

from networks import Unit, input_size
from torch import nn


def dense(widths):
    return [Unit(nn.Linear(*pair), None, nn.LeakyReLU(0.2)) for pair in zip(widths, widths[1:])]


def generator(model, sizes, depths):
    """Latents [N, L] to pictures [N, C, H, W] in −1…1."""
    shape = (*sizes[0], model["channels"])
    units = dense([input_size(model), *model["hidden"], shape[0] * shape[1] * shape[2]])
    units[-1].activation, units[-1].unflatten = nn.Tanh(), shape
    return nn.Sequential(*units)


def critic(model, sizes, depths):
    """Pictures in −1…1 to verdicts [N, 1]."""
    pixels = sizes[0][0] * sizes[0][1] * model["channels"]
    units = dense([pixels, *reversed(model["hidden"]), 1])
    units[0].flatten, units[-1].activation = True, None
    return nn.Sequential(*units)
