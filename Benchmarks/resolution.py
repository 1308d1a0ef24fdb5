"""Errors of a reconstruction against truth, and statistics of them with bootstrap errors."""
import json

import h5py
import numpy as np

REPLICAS = 200


class Sample:
    """Truth and a parametric fit of a file, the standard one unless another is named, and the errors of the fit."""

    def __init__(self, path, method="standard"):
        self.place = "stations" if method == "standard" else f"stations_{method}"
        self.file = h5py.File(path)
        self.truth = {name: column[:] for name, column in self.file["truth"].items()}
        self.fit = fit = {name: column[:] for name, column in self.file[f"reconstruction/{method}"].items()}
        truth = self.truth
        self.steps = json.loads(self.file.attrs["PROVENANCE"])
        self.passed = (fit["status"] == 0) & (fit["cut"] == 0)
        self.energy = 10 ** (truth["log_energy"] - 18)  # EeV
        self.axis, self.true_axis = axis(fit), axis(truth)
        cross = np.linalg.norm(np.cross(self.axis, self.true_axis), axis=1)
        self.angle = np.degrees(np.arctan2(cross, (self.axis * self.true_axis).sum(1)))
        self.zenith_error = np.degrees(fit["zenith"] - truth["zenith"])
        self.log_energy_error = (fit["log_energy"] - truth["log_energy"]) * np.log(10)
        self.core = np.hypot(fit["core_x"] - truth["core_x"], fit["core_y"] - truth["core_y"])

    def step(self, activity):
        return next((step for step in self.steps if step["activity"] == activity), {})

    @property
    def commands(self):
        """How the sample was made, as a Markdown block."""
        simulate, reconstruct = self.step("simulate"), self.step("reconstruct")
        def words(step):
            line = step.get("commandLine", [])
            skip = {"--output", "-o", "--tables", "--threads"}
            kept = [w for i, w in enumerate(line) if w not in skip and (i == 0 or line[i - 1] not in skip)]
            return " ".join(w.rsplit("/", 1)[-1] for w in kept)
        seed = "" if "--seed" in simulate.get("commandLine", []) else f"   # seed {simulate.get('seed', '?')}"
        return f"```console\n{words(simulate)}{seed}\n{words(reconstruct)}\n```"

    def stations(self, name):
        return self.file[self.place][name][:]

    def event_of_station(self):
        """Index of the event of each row of /stations."""
        return np.repeat(np.arange(len(self.passed)), self.fit["station_rows"])


def axis(shower):
    s = np.sin(shower["zenith"])
    return np.stack([s * np.cos(shower["azimuth"]), s * np.sin(shower["azimuth"]), np.cos(shower["zenith"])], axis=1)


def quantiles(x, weights, levels):
    """Weighted quantiles along the last axis."""
    order = np.argsort(x, axis=-1)
    x, w = np.take_along_axis(x, order, -1), np.take_along_axis(weights, order, -1)
    sums = np.cumsum(w, axis=-1)
    rank = (sums - 0.5 * w) / sums[..., -1:]
    return np.stack([
        np.take_along_axis(x, np.minimum((rank < level).sum(-1, keepdims=True), x.shape[-1] - 1), -1)[..., 0]
        for level in levels])


def median(x, w):
    return quantiles(x, w, [0.5])[0]


def half_width(x, w):
    """Half of the central 68 %."""
    low, high = quantiles(x, w, [0.16, 0.84])
    return (high - low) / 2


def containment(x, w):
    return quantiles(x, w, [0.68])[0]


def mean(x, w):
    return (x * w).sum(-1) / w.sum(-1)


def deviation(x, w):
    m = mean(x, w)[..., None]
    return np.sqrt(mean((x - m) ** 2, w))


def estimate(statistic, x, weights=None, seed=1):
    """A statistic and its bootstrap standard deviation; (nan, nan) of fewer than 20 values."""
    x = np.asarray(x, float)
    if len(x) < 20:
        return np.nan, np.nan
    w = np.ones(len(x)) if weights is None else weights
    random = np.random.default_rng(seed)
    replicas = []
    for _ in range(0, REPLICAS, 20):
        chosen = random.integers(0, len(x), (20, len(x)))
        replicas.append(statistic(x[chosen], w[chosen]))
    return float(statistic(x, w)), float(np.std(np.concatenate(replicas)))


def text(pair, digits=2, sign=False):
    value, error = pair
    if not np.isfinite(value):
        return "-"
    return f"{value:{'+' if sign else ''}.{digits}f} ± {error:.{digits}f}"


def table(header, rows):
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
