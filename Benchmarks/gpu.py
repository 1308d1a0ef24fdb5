"""Whether the networks of gpu.sh agree on both devices, and how fast they were: a page to stdout. Exit code 1 where they do not agree.

    gpu.py FOLDER DEVICE EVENTS THREADS BUILT
"""

import csv
import sys
import time

import h5py
import numpy

# Arithmetic of one event forward [Mflop], from the comments of Documentation/results/network-speed.md.
MFLOP = {"set": 2.57, "grid": 5.14}
LOSS_LIMIT, VALUE_LIMIT = 1e-3, 1e-4
VALUES = ("log_energy", "zenith", "azimuth", "core_x", "core_y")


def history(path):
    with open(path) as file:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]


def loss_difference(first, second):
    """Relative, after the first epoch, of training and validation."""
    keys = ("training_loss", "validation_loss")
    return max(abs(first[0][key] - second[0][key]) / abs(first[0][key]) for key in keys)


def value_difference(first, second):
    """Largest difference of a corrected value, in its predicted errors."""
    with h5py.File(first) as a, h5py.File(second) as b:
        a, b = a["reconstruction/made"], b["reconstruction/made"]
        worst = 0.0
        for value in VALUES:
            difference = a[value][:] - b[value][:]
            if value == "azimuth":
                difference = numpy.remainder(difference + numpy.pi, 2 * numpy.pi) - numpy.pi
            ratio = numpy.abs(difference) / a[value + "_sigma"][:]
            known = numpy.isfinite(ratio)
            if not known.any():
                raise SystemExit(f"gpu.py: no event has a corrected {value} with an error")
            if (numpy.isfinite(a[value][:]) != numpy.isfinite(b[value][:])).any():
                raise SystemExit(f"gpu.py: {value} is missing for some events on one device only")
            worst = max(worst, ratio[known].max())
    return worst


def sgemm(device):
    """Tflop/s of a product of matrices in float32 by PyTorch, and its name; nan without PyTorch."""
    try:
        import torch
    except ImportError:
        return float("nan"), "no PyTorch in this Python"
    size = 8192 if device == "cuda" else 1536
    a, b = torch.randn(size, size, device=device), torch.randn(size, size, device=device)
    # On the GPU, products of float32 without TensorFloat-32, as training makes them.
    best = 0
    for _ in range(8):
        begin = time.perf_counter()
        torch.mm(a, b).sum().item()
        best = max(best, 2 * size**3 / (time.perf_counter() - begin))
    return best / 1e12, torch.cuda.get_device_name(0) if device == "cuda" else f"processor, {torch.get_num_threads()} threads"


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown processor")


def main(folder, device, events, threads, built):
    peak, name = sgemm(device)
    second = "GPU" if device == "cuda" else "one thread"
    head = f"Of sgemm on {name}: {peak:.2f} Tflop/s." if peak == peak else f"sgemm not measured: {name}."
    print(
        f"# Networks on a GPU\n\nMade by `Benchmarks/gpu.sh --device {device}` on {time.strftime('%Y-%m-%d')}, on a {processor()}\n"
        f"with {threads} threads, with {int(events):,} simulated events. {head}\n\n```\n{built}\n```\n")
    print(f"| network | | processor | {second} | ratio | of sgemm |\n|---|---|---|---|---|---|")
    failures, agreement = [], []
    for network in ("set", "grid"):
        curves = [history(f"{folder}/{network}-{way}.csv") for way in ("first", "second")]
        for step, key, passes in (
                ("training", "events_per_second", 3), ("inference", "validation_events_per_second", 1)):
            first, other = (max(row[key] for row in curve) for curve in curves)
            share = 100 * passes * MFLOP[network] * 1e6 * other / (peak * 1e12)
            print(
                f"| {network} | {step} [events/s] | {first:.0f} | {other:.0f} | {other / first:.1f} | "
                + (f"{share:.0f} % |" if share == share else "– |"))
        first, other = (float(open(f"{folder}/{network}-{way}.seconds").read()) for way in ("first", "second"))
        print(f"| {network} | `correct`, whole program [s] | {first:.2f} | {other:.2f} | {first / other:.1f} | |")
        loss = loss_difference(*curves)
        value = value_difference(f"{folder}/{network}-first.h5", f"{folder}/{network}-second.h5")
        agreement.append(f"| {network} | {loss:.1e} | {value:.1e} |")
        if not loss <= LOSS_LIMIT:
            failures.append(f"{network}: losses after an epoch differ by {loss:.1e}, allowed: {LOSS_LIMIT:.0e}")
        if not value <= VALUE_LIMIT:
            failures.append(f"{network}: corrected values differ by {value:.1e} of their error, allowed: {VALUE_LIMIT:.0e}")
    print("\n| network | losses after an epoch, relative | corrected values, in their errors |\n|---|---|---|")
    print("\n".join(agreement))
    print("\nAllowed: 1e-3 and 1e-4." + "".join(f"\n\n**{failure}.**" for failure in failures))
    for failure in failures:
        print(f"gpu.py: {failure}", file=sys.stderr)
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
