"""The style-based generator of `atelier train gan`, a twin of Sources/Models/GAN."""

import torch
from convolutional_gan import critic  # noqa: F401 - a twin has both
from networks import Equalized, bent, input_size
from torch import nn
from torch.nn import functional as F


class Styled(nn.Module):
    """A convolution with weighed channels; with a size: demodulated, with noise, and bent."""

    def __init__(self, inputs, outputs, side, style, size=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, side, side))
        self.style, self.bias = Equalized(style, inputs, 1.0), nn.Parameter(torch.zeros(outputs))
        if size:
            self.strength = nn.Parameter(torch.zeros(1))
            self.register_buffer("noise", torch.randn(1, *size, 1))

    def forward(self, x, styles):
        filters, scale = self.weight / self.weight[0].numel() ** 0.5, self.style(styles)
        y = F.conv2d(x * scale[:, :, None, None], filters, padding=self.weight.shape[2] // 2)
        if not hasattr(self, "noise"):
            return y + self.bias[:, None, None]
        energy = F.linear(scale.square(), filters.square().sum((2, 3))) + 1e-8
        noise = torch.randn(len(y), *self.noise.shape[1:]) if self.training else self.noise
        y = y * energy.rsqrt()[:, :, None, None] + noise.movedim(3, 1) * self.strength
        return bent(y + self.bias[:, None, None])


class generator(nn.Module):  # noqa: N801 - named as other twins' functions are
    def __init__(self, model, sizes, depths):
        super().__init__()
        style, depth, self.sizes = model["latentSize"], model["depth"], sizes[::-1]
        starts = [input_size(model)] + [style] * (model["mappingDepth"] - 1)
        self.mapping = nn.Sequential(*(Equalized(n, style, slowness=0.01) for n in starts))
        self.mapping.register_buffer("meanStyle", torch.zeros(style))
        widths = [depths[max(depth - place - 1, 0)] for place in range(depth + 1)]
        self.first = nn.Parameter(torch.randn(1, *self.sizes[0], widths[0]))
        for place, width in enumerate(widths):
            layers = nn.ModuleDict({"colors": Styled(width, model["channels"], 1, style)})
            for k, inputs in enumerate([*widths[place - 1 : place], width]):
                layers[str(k)] = Styled(inputs, width, 3, style, self.sizes[place])
            setattr(self, str(place), layers)

    def forward(self, x):
        styles = F.normalize(x) * x.shape[1] ** 0.5
        for layer in self.mapping:
            styles = bent(layer(styles))
        x, picture = self.first.movedim(3, 1).expand(len(x), -1, -1, -1), 0
        for place, size in enumerate(self.sizes):
            layers = getattr(self, str(place))
            if place:
                x, picture = (F.interpolate(y, size=size, mode="bilinear") for y in (x, picture))
            for k in range(len(layers) - 1):
                x = layers[str(k)](x, styles)
            picture = picture + layers["colors"](x, styles)
        return picture
