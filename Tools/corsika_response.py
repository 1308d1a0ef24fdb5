"""The response table of a detector in Python, for the scripts of this folder."""

import csv

import numpy as np

# Energy of a VEM [MeV].
VEM = 2.05


class Response:
    """Mean deposit and hits per crossing particle, linear in logarithms of values, energy and cosine."""

    def __init__(self, path):
        with open(path) as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.grids = {}
        for name in {row["particle"] for row in rows}:
            cells = {}
            for row in rows:
                if row["particle"] == name:
                    mean = 0.5 * (float(row["mean_upper"]) + float(row["mean_lower"]))
                    hits = sum(float(row[k]) for k in ("p_upper_only", "p_lower_only", "p_both"))
                    cells.setdefault(float(row["energy_MeV"]), []).append((float(row["cos_zenith"]), mean, hits))
            self.grids[name] = {e: np.array(sorted(c)) for e, c in sorted(cells.items())}

    def __call__(self, name, energy, cosine):
        """Mean deposit [VEM] and hits."""
        grid = self.grids[name]
        nodes = np.array(list(grid))
        position = np.clip(np.interp(np.log(energy), np.log(nodes), np.arange(len(nodes))), 0, len(nodes) - 1 - 1e-9)
        node, part = position.astype(int), position % 1
        result = np.zeros((2, len(energy)))
        for index, cells in enumerate(grid.values()):
            weight = np.where(node == index, 1 - part, np.where(node == index - 1, part, 0))
            used = weight > 0
            for k in (0, 1):
                values = np.log(np.maximum(cells[:, k + 1], 1e-6))
                result[k, used] += weight[used] * np.interp(np.log(cosine[used]), np.log(cells[:, 0]), values)
        deposit, hits = np.exp(result)
        return deposit / VEM, hits
