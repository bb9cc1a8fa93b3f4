"""Cases of Generative Relational Context: losses, gradients and updates by the article's loop."""

import torch
from torch import nn

from golden.recording import begin, drawn, f32, initial, store

STEPS = (1, 5)  # updates after which the parameters are kept


def sizes_of(network, sizes):
    shapes = {}
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        shapes |= {
            f"{network}.{layer}.weight": (outputs, inputs),
            f"{network}.{layer}.bias": (outputs,),
        }
    return shapes


def apply(weights, network, x, last_is_linear):
    count = sum(name.startswith(network) for name in weights) // 2
    for layer in range(count):
        weight, bias = (weights[f"{network}.{layer}.{what}"] for what in ("weight", "bias"))
        x = nn.functional.linear(x, weight, bias)
        if layer < count - 1 or not last_is_linear:
            x = nn.functional.elu(x)
    return x


def record_case(name, count, relational, generative, target, last_is_linear=True):
    """The loop in its author's own way: two passes back through one graph, an Adam a network.

    `relational` and `generative` are sizes of layers; all of R's outputs but two are the context,
    and `target` is what it is pulled to.
    """
    share, rates = f32(0.05), {"relational": f32(1e-4), "generative": f32(2e-4)}
    contexts = relational[-1] - 2
    shapes = sizes_of("relational", relational) | sizes_of("generative", generative)
    inputs = {
        "rows": drawn(name, "rows", (count, relational[0])) / 2,
        "map": torch.sigmoid(drawn(name, "map", (count, 2))),
        **initial(name, shapes),
    }
    values = begin(
        name,
        inputs,
        {
            "op": "relational-context",
            "relational": relational,
            "generative": generative,
            "lastIsLinear": last_is_linear,
            "contextTarget": target,
            "contextShare": share,
            "relationalRate": rates["relational"],
            "generativeRate": rates["generative"],
        },
    )
    rows, place = values["rows"].detach(), values["map"].detach()
    weights = {what: values[what] for what in shapes}
    networks = {
        network: {what: weight for what, weight in weights.items() if what.startswith(network)}
        for network in rates
    }
    criterion = nn.MSELoss(reduction="sum")
    mask = torch.tensor([1, 1] + contexts * [share], dtype=torch.float64)
    wanted = torch.cat([place, torch.full((count, contexts), target, dtype=torch.float64)], 1)
    optimizers = [
        torch.optim.Adam(
            networks[network].values(), lr=rate, betas=(f32(0.9), f32(0.999)), eps=f32(1e-8)
        )
        for network, rate in rates.items()
    ]

    for step in range(1, STEPS[-1] + 1):
        for optimizer in optimizers:
            optimizer.zero_grad()
        output = apply(weights, "relational", rows, last_is_linear)
        generated = apply(weights, "generative", output, last_is_linear)
        generative_loss = criterion(generated, rows)
        relational_loss = criterion(output * mask, wanted * mask)
        generative_loss.backward(retain_graph=True)
        if step == 1:
            store(name, "lossG", generative_loss)
            store(name, "lossR", relational_loss)
            for what, weight in weights.items():
                store(name, f"dlossG.{what}", weight.grad.clone())
        relational_loss.backward()
        if step == 1:
            for what, weight in weights.items():
                store(name, f"d{what}", weight.grad.clone())
        for optimizer in optimizers:
            optimizer.step()
        if step in STEPS:
            for what, weight in weights.items():
                store(name, f"after{step}.{what}", weight.detach().clone())


def record():
    record_case("grc-article", 49, [21, 15, 10, 3], [3, 10, 15, 21], target=0.0)
    record_case("grc-no-context", 5, [6, 7, 5, 2], [2, 9, 6], target=0.0)
    record_case("grc-two-contexts", 13, [9, 11, 4], [4, 5, 3, 7, 9], target=0.25)
    record_case("grc-elu-at-the-end", 7, [5, 3, 3], [3, 4, 5], target=-0.5, last_is_linear=False)
