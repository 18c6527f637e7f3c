"""Draw charts as SVG that are legible in grey.

Each series has a shade and a hatch, and each bar its figure.
The same figures give the same bytes: there is no date, and ids derive from the chart's name.
"""

import re
from collections.abc import Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
"""Matplotlib's fonts, which the PDF needs for the charts."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "svg.hashsalt": "complaints",
    "svg.fonttype": "none",  # keeps text searchable and scalable
    "hatch.linewidth": 0.6,
}
with_style = style.context(["default", STYLE])
"""Overrides the user's own matplotlib settings."""

SHADES = (("#2b2b2b", ""), ("#8f8f8f", "///"), ("#dedede", "..."), ("#ffffff", "xxx"))
"""Colour and hatch of each series, distinct in grey print and without colour vision."""
WIDTH, BAR = 7.2, 0.34
"""In inches: a chart's width, and the height of a bar with its gap."""

Series = tuple[str, Sequence[int]]


@with_style
def columns(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Draw vertical bars, such as months; the series of a label are side by side."""
    figure, axes = _figure(2.9)
    width = 0.8 / len(series)
    for number, (series_name, values) in enumerate(series):
        places = [place + (number - (len(series) - 1) / 2) * width for place in range(len(labels))]
        shade, hatch = SHADES[number]
        bars = axes.bar(places, values, width, label=series_name, color=shade, hatch=hatch, edgecolor="#2b2b2b")
        axes.bar_label(bars, fmt="{:,.0f}", padding=2, fontsize=8)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylim(0, 1.15 * max(1, *(value for _, values in series for value in values)))
    axes.set_yticks([])
    return _render(name, title, figure, axes, series)


@with_style
def bars(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Draw horizontal bars, first label on top."""
    figure, axes = _figure(0.7 + BAR * len(labels) * max(1.0, 0.75 * len(series)))
    height = 0.8 / len(series)
    for number, (series_name, values) in enumerate(series):
        places = [place + (number - (len(series) - 1) / 2) * height for place in range(len(labels))]
        shade, hatch = SHADES[number]
        drawn = axes.barh(places, values, height, label=series_name, color=shade, hatch=hatch, edgecolor="#2b2b2b")
        axes.bar_label(drawn, fmt="{:,.0f}", padding=3, fontsize=9)
    axes.set_xlim(0, 1.12 * max(1, *(value for _, values in series for value in values)))
    _label_rows(axes, labels)
    return _render(name, title, figure, axes, series)


@with_style
def stacked(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Draw horizontal bars of 100 per cent, divided by series."""
    figure, axes = _figure(1.0 + 1.4 * BAR * len(labels))
    totals = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    starts = [0.0] * len(labels)
    for number, (series_name, values) in enumerate(series):
        shares = [100 * value / total if total else 0.0 for value, total in zip(values, totals, strict=True)]
        shade, hatch = SHADES[number]
        drawn = axes.barh(
            range(len(labels)), shares, 0.7, starts, label=series_name, color=shade, hatch=hatch, edgecolor="#2b2b2b"
        )
        bar_labels = [f"{share:.0f}%" if share >= 6 else "" for share in shares]
        box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1.2}
        for label in axes.bar_label(drawn, bar_labels, label_type="center", fontsize=8):
            if label.get_text():
                label.set_bbox(box)
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    axes.set_xlim(0, 100)
    _label_rows(axes, labels)
    return _render(name, title, figure, axes, series)


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def _label_rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xticks([])


def _render(name: str, title: str, figure: Figure, axes: Axes, series: Sequence[Series]) -> str:
    axes.spines[["top", "right", "bottom" if axes.yaxis_inverted() else "left"]].set_visible(False)
    axes.tick_params(length=0)
    if len(series) > 1:
        figure.legend(loc="outside upper left", ncols=len(series), frameon=False, fontsize=9)
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _embed(name, title, drawn.getvalue())


def _embed(name: str, title: str, svg: str) -> str:
    """Prepare an SVG for a page with other charts: unique ids, and a title for screen readers."""
    svg = svg[svg.index("<svg ") :].strip()
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    head, _, rest = svg.partition(">")
    return f'{head} role="img" aria-labelledby="{name}-title">\n <title id="{name}-title">{escape(title)}</title>{rest}'
