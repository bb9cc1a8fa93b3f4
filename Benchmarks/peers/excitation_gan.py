"""The excitation networks of `atelier train gan`: a twin of Sources/Models/GAN."""

import residual_gan
from networks import Unit, enlarged, input_size
from torch import nn
from torch.nn import functional as F


def gate(x):
    return F.glu(x, 1)


class Step(Unit):
    """Enlarged, convolved, normalised, gated; then weighed, where a smaller map decides by what."""

    def __init__(self, inputs, outputs, size):
        layer = nn.Conv2d(inputs, 2 * outputs, 3, padding=1, bias=False)
        super().__init__(layer, nn.BatchNorm2d(2 * outputs), gate)
        self.size = size

    def forward(self, x):
        return super().forward(enlarged(x, self.size))


class Generator(nn.Sequential):
    """Latents [N, L] to pictures [N, C, H, W] in −1…1."""

    def __init__(self, model, sizes, depths):
        depth, inner = model["depth"], (*sizes[-1], 2 * depths[-1])
        channels = [depths[max(depth - place - 1, 0)] for place in range(depth + 1)]
        first = nn.Linear(input_size(model), inner[0] * inner[1] * inner[2], bias=False)
        units = [Unit(first, nn.BatchNorm2d(inner[2]), gate, unflatten=inner)]
        units += [Step(channels[k - 1], channels[k], sizes[depth - k]) for k in range(1, depth + 1)]
        last = Unit(nn.Conv2d(channels[-1], model["channels"], 3, padding=1), None, F.tanh)
        super().__init__(*units, last)
        self.distance = min(max(depth - 1, 1), 4)
        for place in range(self.distance, depth + 1):
            layers = (
                nn.Linear(inner[0] * inner[1] * channels[place - self.distance], channels[place]),
                nn.Linear(channels[place], channels[place]),
            )
            slope = Unit(layers[0], None, lambda x: F.leaky_relu(x, 0.1), flatten=True)
            self[place].excitation = nn.Sequential(slope, Unit(layers[1], None, F.sigmoid))

    def forward(self, x):
        maps = [self[0](x)]
        for place in range(1, len(self) - 1):
            y, source = self[place](maps[-1]), place - self.distance
            if source >= 0:
                weights = self[place].excitation(F.avg_pool2d(maps[source], 1 << source))
                y = y * weights[:, :, None, None]
            maps.append(y)
        return self[-1](maps[-1])


critic, generator = residual_gan.critic, Generator
