"""The PyTorch twin of DCGANRig: DCGAN on 32x32x3 pictures, 64 a step."""

import pytorch
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


class Stepper:
    def __init__(self, recipe, layout, way):
        self.generator, self.critic = generator(), critic()
        twins.load(self.generator, recipe, "generator")
        twins.load(self.critic, recipe, "critic")
        for network in [self.generator, self.critic]:
            network.to(pytorch.DEVICE, memory_format=layout)
        self.names = recipe.keys()
        settings = {"lr": 2e-5, "betas": (0.5, 0.999)}
        self.update_generator = way.update((self.generator.parameters(), settings))
        self.update_critic = way.update((self.critic.parameters(), settings))
        self.batches = [
            twins.pictures(batch).contiguous(memory_format=layout) for batch in recipe["pictures"]
        ]
        self.real = torch.ones(64, 1, device=pytorch.DEVICE)
        self.made = torch.zeros_like(self.real)
        self.steps = 0
        self.make = way.loss(self.generator)
        self.critic_loss = way.loss(self.eager_critic_loss)
        self.generator_loss = way.loss(self.eager_generator_loss)
        self.step, self.freezes = way.step(self.eager_step), way.compiled != "step"

    def eager_critic_loss(self, pictures, fakes):
        loss = F.binary_cross_entropy_with_logits(self.critic(pictures), self.real)
        return loss + F.binary_cross_entropy_with_logits(self.critic(fakes), self.made)

    def eager_generator_loss(self, fakes):
        return F.binary_cross_entropy_with_logits(self.critic(fakes), self.real)

    def eager_step(self, pictures, latents):
        fakes = self.make(latents)
        critic_loss = self.critic_loss(pictures, fakes.detach())
        self.update_critic(critic_loss)
        # The critic's own parameters need no gradient of the generator's loss; a graph leaves out
        # what nobody asks for.
        if self.freezes:
            self.critic.requires_grad_(False)
        generator_loss = self.generator_loss(fakes)
        self.update_generator(generator_loss)
        if self.freezes:
            self.critic.requires_grad_(True)
        return critic_loss.detach() + generator_loss.detach()

    def __call__(self, noise=None):
        batch = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        if noise is None:
            noise = torch.randn(64, 100, device=pytorch.DEVICE)
        return self.step(batch, noise).item()

    def weights(self):
        generator = twins.weights(self.generator, self.names, "generator")
        return generator | twins.weights(self.critic, self.names, "critic")
