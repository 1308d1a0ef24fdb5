"""Largest difference between the programs in network files and PyTorch's own layers on the same weights.

    network-agreement.py NETWORK.pt...

Prints a line a file; exits 1 where a difference exceeds 1e-5 of the largest output.
"""

import sys

import torch
import torch.nn.functional as F

from eager_network import EagerNetwork, random_inputs

# Targets of the densities that a specification may ask for.
PAIRS = {"direction": ("direction_zenith", "direction_azimuth"), "energy_xmax": ("ln_energy", "xmax")}


def with_densities(network, raw, spec):
    """Means, limited ln errors, and mixtures relative to both."""
    targets = spec["targets"]
    means, sigmas = raw.chunk(2, 1)
    sigmas = sigmas.clamp(-5, 3)
    columns = [means, sigmas]
    if "density" not in spec:
        return torch.cat(columns, 1)
    density, weights = spec["density"], network.weights
    hidden = F.silu(network.features @ weights["density_hidden_weight"] + weights["density_hidden_bias"])
    rest = hidden @ weights["density_weight"] + weights["density_bias"]
    for number, name in enumerate(density["of"]):
        size = 6 * density["components"]
        logits, *parts, correlations = rest[:, number * size : (number + 1) * size].chunk(6, 1)
        places = [targets.index(target) for target in PAIRS[name]]
        columns.append(logits.log_softmax(1))
        columns += [means[:, [i]] + sigmas[:, [i]].exp() * part for i, part in zip(places, parts[:2])]
        columns += [sigmas[:, [i]] + part.clamp(-3, 3) for i, part in zip(places, parts[2:])]
        columns.append(0.99 * correlations.tanh())
    return torch.cat(columns, 1)


failed = False
for path in sys.argv[1:]:
    network, script, metadata = EagerNetwork.read(path)
    sparse, dense = random_inputs(network, metadata, batch=64)
    with torch.no_grad():
        ours, theirs = script(*sparse), network(*dense)
        if metadata["spec"].get("loss") == "gaussian":
            theirs = with_densities(network, theirs, metadata["spec"])
    difference = ((ours - theirs).abs().max() / theirs.abs().max().clamp(min=1)).item()
    print(f"{metadata['spec']['name']} {difference:.2e}")
    failed |= not difference < 1e-5
sys.exit(failed)
