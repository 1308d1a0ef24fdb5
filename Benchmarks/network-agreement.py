"""Largest difference between the programs in network files and PyTorch's own layers on the same weights.

    network-agreement.py NETWORK.pt...

Prints a line a file; exits 1 where a difference exceeds 1e-5 of the largest output.
"""

import sys

import torch

from eager_network import EagerNetwork, random_inputs

failed = False
for path in sys.argv[1:]:
    network, script, metadata = EagerNetwork.read(path)
    sparse, dense = random_inputs(network, metadata, batch=64)
    with torch.no_grad():
        ours, theirs = script(*sparse), network(*dense)
    if metadata["spec"].get("loss") == "gaussian":
        half = theirs.shape[1] // 2
        theirs = torch.cat([theirs[:, :half], theirs[:, half:].clamp(-5, 3)], 1)
    difference = ((ours - theirs).abs().max() / theirs.abs().max().clamp(min=1)).item()
    print(f"{metadata['spec']['name']} {difference:.2e}")
    failed |= not difference < 1e-5
sys.exit(failed)
