"""The convolutional networks of `atelier train gan`: a twin of Sources/Models/GAN."""

from networks import Unit, input_size, normalization
from torch import nn

HALF = {"kernel_size": 4, "stride": 2, "padding": 1}


def generator(model, sizes, depths):
    """Latents [N, L] to pictures [N, C, H, W] in −1…1."""
    inner = (*sizes[-1], depths[-1])
    dense = nn.Linear(input_size(model), inner[0] * inner[1] * inner[2], bias=False)
    units = [Unit(dense, nn.BatchNorm2d(inner[2]), nn.ReLU(), unflatten=inner)]
    for k in range(len(depths) - 1, -1, -1):
        spare = [a - 2 * b for a, b in zip(sizes[k], sizes[k + 1])]  # of odd sizes
        outputs = depths[k - 1] if k > 0 else model["channels"]
        layer = nn.ConvTranspose2d(depths[k], outputs, **HALF, output_padding=spare, bias=k == 0)
        units.append(
            Unit(layer, nn.BatchNorm2d(outputs), nn.ReLU())
            if k > 0
            else Unit(layer, None, nn.Tanh())
        )
    return nn.Sequential(*units)


def critic(model, sizes, depths):
    """Pictures in −1…1 to verdicts [N, 1]."""
    units, inputs = [], model["channels"]
    for k, outputs in enumerate(depths):
        after = normalization(model["criticNormalization"], outputs) if k > 0 else None
        layer = nn.Conv2d(inputs, outputs, **HALF, bias=after is None)
        units.append(Unit(layer, after, nn.LeakyReLU(0.2)))
        inputs = outputs
    last = nn.Linear(sizes[-1][0] * sizes[-1][1] * inputs, 1)
    return nn.Sequential(*units, Unit(last, flatten=True))
