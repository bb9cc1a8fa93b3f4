"""The PyTorch twin of DCGANRig: DCGAN on 32x32x3 pictures, 64 a step."""

import torch
import torch.nn.functional as F
import twins
from torch import nn

LAYOUTS = ["contiguous", "channels-last"]
HALF = {"kernel_size": 4, "stride": 2, "padding": 1}


def generator():
    return nn.Sequential(
        twins.makes(nn.Linear(100, 256 * 4 * 4, bias=False), 256, 4, 4),
        nn.Unflatten(1, (256, 4, 4)),
        nn.BatchNorm2d(256),
        nn.ReLU(),
        nn.ConvTranspose2d(256, 128, **HALF, bias=False),
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.ConvTranspose2d(128, 64, **HALF, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 3, **HALF),
        nn.Tanh(),
    )


def critic():
    return nn.Sequential(
        nn.Conv2d(3, 64, **HALF),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, **HALF, bias=False),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2),
        nn.Conv2d(128, 256, **HALF, bias=False),
        nn.BatchNorm2d(256),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        twins.takes(nn.Linear(256 * 4 * 4, 1), 256, 4, 4),
    )


def set_gradients(parameters, gradients):
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient


class Stepper:
    def __init__(self, recipe, layout, update, compiled):
        self.generator, self.critic = generator(), critic()
        twins.load(self.generator, recipe, "generator")
        twins.load(self.critic, recipe, "critic")
        for network in [self.generator, self.critic]:
            network.to(memory_format=layout)
        settings = {"lr": 2e-5, "betas": (0.5, 0.999), **update}
        self.generator_adam = torch.optim.Adam(self.generator.parameters(), **settings)
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), **settings)
        self.batches = [
            twins.pictures(batch).contiguous(memory_format=layout) for batch in recipe["pictures"]
        ]
        self.real, self.made = torch.ones(64, 1), torch.zeros(64, 1)
        self.steps = 0
        self.make = twins.maybe_compiled(self.generator, compiled)
        self.critic_loss = twins.maybe_compiled(self.eager_critic_loss, compiled)
        self.generator_loss = twins.maybe_compiled(self.eager_generator_loss, compiled)

    def eager_critic_loss(self, pictures, fakes):
        loss = F.binary_cross_entropy_with_logits(self.critic(pictures), self.real)
        return loss + F.binary_cross_entropy_with_logits(self.critic(fakes), self.made)

    def eager_generator_loss(self, fakes):
        return F.binary_cross_entropy_with_logits(self.critic(fakes), self.real)

    def __call__(self, noise=None):
        batch = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        fakes = self.make(torch.randn(64, 100) if noise is None else noise)
        critic_parameters = list(self.critic.parameters())
        critic_loss = self.critic_loss(batch, fakes.detach())
        set_gradients(critic_parameters, torch.autograd.grad(critic_loss, critic_parameters))
        self.critic_adam.step()
        # The critic's own parameters need no gradient of the generator's loss.
        for parameter in critic_parameters:
            parameter.requires_grad_(False)
        generator_parameters = list(self.generator.parameters())
        generator_loss = self.generator_loss(fakes)
        set_gradients(
            generator_parameters, torch.autograd.grad(generator_loss, generator_parameters)
        )
        self.generator_adam.step()
        for parameter in critic_parameters:
            parameter.requires_grad_(True)
        return critic_loss.item() + generator_loss.item()
