"""The GANs of `atelier train gan` in PyTorch: networks of a configuration, or of a checkpoint.

Of the same checkpoint they make the same pictures of the same latent vectors, and the same
verdicts, to 1e-3.
"""

import json

import convolutional_gan
import dense_gan
import excitation_gan
import residual_gan
import style_gan
from networks import Critic, fill
from safetensors import safe_open
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

KINDS = {
    "convolutional": convolutional_gan,
    "residual": residual_gan,
    "excitation": excitation_gan,
    "style": style_gan,
    "dense": dense_gan,
}


def networks(model):
    """Generator and critic, with first weights of the same law as ours."""
    sizes = [[model[side] >> k for side in ("height", "width")] for k in range(model["depth"] + 1)]
    depths = [model["filters"] << k for k in range(model["depth"])]
    kind = KINDS[model["architecture"]]
    generator = kind.generator(model, sizes, depths)
    critic = Critic(list(kind.critic(model, sizes, depths)), model)
    for network, makes in ((generator, kind.generator), (critic, kind.critic)):
        for layer in network.modules():
            if not isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
                continue
            if makes.__module__ == "convolutional_gan":
                nn.init.normal_(layer.weight, std=0.02)
            else:
                nn.init.kaiming_normal_(layer.weight)
            if network is critic and model["criticNormalization"] == "spectral":
                spectral_norm(layer)
    return generator, critic


def load(path):
    """Generator and critic of a checkpoint, to be evaluated, and its configuration."""
    with safe_open(path, "pt") as file:
        model = json.loads(file.metadata()["model"])
        arrays = {name: file.get_tensor(name) for name in file.keys()}
    made = networks(model)
    for prefix, network in zip(("generator", "critic"), made):
        fill(network.eval(), prefix, arrays)
    return *made, model
