"""The residual networks of `atelier train gan`: a twin of Sources/Models/GAN."""

from networks import Then, Unit, enlarged, input_size, normalization
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """Two convolutions, added to what came in."""

    def __init__(self, inputs, outputs, kind=None, size=None, halves=False, sees_pictures=False):
        super().__init__()
        first, second = (nn.Conv2d(n, outputs, 3, padding=1) for n in (inputs, outputs))
        activation = None if sees_pictures else F.relu
        self.first = Then(first, normalization(kind, inputs), activation, size)
        self.second = Then(second, normalization(kind, outputs))
        self.size = size
        self.pool = nn.AvgPool2d(2) if halves else nn.Identity()
        skip = Then(nn.Conv2d(inputs, outputs, 1), None, None, None, self.pool)
        self.skip = skip if size or halves or inputs != outputs else None

    def forward(self, x):
        kept = self.skip(x) if self.skip else x
        return enlarged(kept, self.size) + self.pool(self.second(self.first(x)))


def generator(model, sizes, depths):
    """Latents [N, L] to pictures [N, C, H, W] in −1…1."""
    inner = (*sizes[-1], depths[-1])
    units = [Unit(nn.Linear(input_size(model), inner[0] * inner[1] * inner[2]), unflatten=inner)]
    steps = reversed(range(len(depths)))
    units += [Block(depths[k], depths[max(k - 1, 0)], "batch", sizes[k]) for k in steps]
    last = nn.Conv2d(depths[0], model["channels"], 3, padding=1)
    return nn.Sequential(*units, Then(last, nn.BatchNorm2d(depths[0])), nn.Tanh())


def critic(model, sizes, depths):
    """Pictures in −1…1 to verdicts [N, 1]."""
    kind, inputs = model["criticNormalization"], [model["channels"], *depths]
    blocks = []
    for k, outputs in enumerate(depths):
        blocks.append(Block(inputs[k], outputs, kind if k else None, None, True, k == 0))
    last = Then(nn.Linear(depths[-1], 1), None, lambda x: F.relu(x).sum((2, 3)))
    return nn.Sequential(*blocks, Block(depths[-1], depths[-1], kind), last)
