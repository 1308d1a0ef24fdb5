"""The look of the figures of a report, for matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from .compared_events import ComparedEvents
from .exceptions import MissingExtra
from .quantities import QUANTITIES

FIGURE_STYLE = str(resources.files(__package__) / "figures.mplstyle")
"""The style file: `plt.style.use(airshower.FIGURE_STYLE)`."""

STANDARD_COLOUR = "#D55E00"
"""The colour of the standard fit."""
CORRECTED_COLOUR = "#0072B2"
"""The colour of the method that a report is about."""
OTHER_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666", "#8B5A2B")
"""The colours of other methods, in their order."""


def method_colours(methods: Sequence[str], headline: str | None = None) -> dict[str, str]:
    """The colour of each method, as in the figures of a report.

    Args:
        methods: names; methods beyond eight have the last colour.
        headline: the method that the figure is about; None for the last one.
    """
    main = headline or methods[-1]
    others = [name for name in methods if name not in ("standard", main)]
    colours = {"standard": STANDARD_COLOUR, main: CORRECTED_COLOUR}
    for place, name in enumerate(others):
        colours[name] = OTHER_COLOURS[min(place, len(OTHER_COLOURS) - 1)]
    return {name: colours[name] for name in methods}


def draw_errors(
    compared: ComparedEvents,
    quantity: str,
    methods: Sequence[str] | None = None,
    axes: Any = None,
    bins: int = 40,
) -> Any:
    """Draws the distribution of the errors of some methods, in the style of a report.

    The range holds 98 % of the standard errors. Events beyond it are in no bin.

    Args:
        compared: of `compared_events`.
        quantity: a name of `QUANTITIES`.
        methods: names; None for the standard method and the last one.
        axes: axes of matplotlib; None for new ones.
        bins: number of bins.

    Returns:
        The axes.

    Raises:
        MissingExtra: matplotlib is not installed.
        ComparisonError: a name is unknown.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingExtra("matplotlib", "a figure") from error
    chosen = list(methods or ("standard", compared.methods[-1]))
    before = compared.errors(quantity, "standard")
    low, high = np.nanquantile(before, [0.01, 0.99])
    edges = np.linspace(0 if QUANTITIES[quantity].is_distance else low, high, bins + 1)
    known, colours = QUANTITIES[quantity], method_colours(chosen)
    with plt.style.context(FIGURE_STYLE):
        drawn = axes if axes is not None else plt.subplots()[1]
        for name in chosen:
            width = compared.statistics(quantity, name).width68
            label = f"{name}: 68 % {width:.3g}{'' if known.unit == '1' else ' ' + known.unit}"
            drawn.hist(
                compared.errors(quantity, name), edges, weights=compared.weights,
                histtype="stepfilled", alpha=0.28, color=colours[name],
            )
            drawn.hist(
                compared.errors(quantity, name), edges, weights=compared.weights,
                histtype="step", linewidth=2, color=colours[name], label=label,
            )
        drawn.set_xlabel(known.title + ("" if known.unit == "1" else f" [{known.unit}]"))
        drawn.set_ylabel("events" if compared.weights is None else "weighted events")
        # Room for the legend above the bins.
        drawn.set_ylim(0, drawn.get_ylim()[1] * (1 + 0.09 * len(chosen)))
        drawn.legend(loc="upper right", fontsize="small")
    return drawn
