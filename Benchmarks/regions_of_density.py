"""Densities of `correct --regions` at the true values of simulated events, for `regions.py`."""

import h5py
import numpy as np


def unit(zenith, azimuth):
    return np.stack([np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth), np.cos(zenith)], -1)


class Density:
    """One density of all events. `columns` are those of the method, `true` true minus estimated values."""

    def __init__(self, columns, name, axes, true, errors, title, area_unit, scale):
        self.title, self.unit, self.true, self.errors, self.scale = title, area_unit, true, errors, scale
        density = np.zeros_like(true[0])
        for number in range(1, 9):
            if f"density_{name}_weight_{number}" not in columns:
                break
            part = lambda key: columns[f"density_{name}_{key}_{number}"]
            pulls = [(t - part(axis)) / part(axis + "_sigma") for t, axis in zip(true, axes)]
            rest = 1 - part("correlation") ** 2
            square = (pulls[0] ** 2 - 2 * part("correlation") * pulls[0] * pulls[1] + pulls[1] ** 2) / rest
            widths = part(axes[0] + "_sigma") * part(axes[1] + "_sigma") * np.sqrt(rest)
            density += part("weight") * np.exp(-0.5 * square) / (2 * np.pi * widths)
        self.density = density
        self.within = {level: density >= columns[f"density_{name}_level{level}"] for level in (68, 95)}
        self.area = {level: scale * columns[f"density_{name}_area{level}"] for level in (68, 95)}
        self.square = (true[0] / errors[0]) ** 2 + (true[1] / errors[1]) ** 2

    def gaussian_area(self, level):
        """Areas of the ellipses of the errors, of one scale that gives them the coverage of the regions."""
        square = np.quantile(self.square, self.within[level].mean())
        return self.scale * np.pi * square * self.errors[0] * self.errors[1]

    def scores(self):
        """ln of the density, and of that of the errors times their best common factor."""
        # Highest at the root of half of the mean square: two quantities.
        factor = np.sqrt(self.square.mean() / 2)
        norm = 2 * np.pi * self.errors[0] * self.errors[1] * factor**2
        return np.log(self.density), -0.5 * self.square / factor**2 - np.log(norm)


class DensitySample:
    """Events of a file that pass the cuts and have densities, of the method `composition`."""

    def __init__(self, path):
        with h5py.File(path) as file:
            results, truth = file["reconstruction/composition"], file["truth"]
            passed = file["reconstruction/standard/cut"][:] == 0
            kept = passed & np.isfinite(results["density_direction_level68"][:])
            self.kept, self.passed = int(kept.sum()), int(passed.sum())
            r = {name: data[:][kept] for name, data in results.items()}
            t = {name: data[:][kept] for name, data in truth.items()}
        zenith, azimuth = r["zenith"], r["azimuth"]
        self.energy, self.zenith = 10 ** (r["log_energy"] - 18), np.degrees(zenith)
        axis, true = unit(zenith, azimuth), unit(t["zenith"], t["azimuth"])
        theta = np.stack([np.cos(zenith) * np.cos(azimuth), np.cos(zenith) * np.sin(azimuth), -np.sin(zenith)], -1)
        phi = np.stack([-np.sin(azimuth), np.cos(azimuth), 0 * azimuth], -1)
        dot = (axis * true).sum(-1)
        self.direction = Density(
            r, "direction", ("zenith", "azimuth"), ((true * theta).sum(-1) / dot, (true * phi).sum(-1) / dot),
            (r["zenith_sigma"], r["azimuth_sigma"] * np.sin(zenith)), "direction", "deg2", np.degrees(1) ** 2,
        )
        # In ln E, as the targets of the network.
        self.energy_xmax = Density(
            r, "energy_xmax", ("log_energy", "xmax"), (t["log_energy"] - r["log_energy"], t["xmax"] - r["xmax"]),
            (r["log_energy_sigma"], r["xmax_sigma"]), "ln E and Xmax", "g/cm2", np.log(10),
        )
