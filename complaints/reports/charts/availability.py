"""Whether the charts of reports can be drawn here."""

from importlib.util import find_spec

NEEDS_MATPLOTLIB = (
    "needs matplotlib, which is not installed; run: pip install 'complaints[reports]' (in a checkout: "
    "make install-reports)"
)


def can_draw() -> bool:
    return find_spec("matplotlib") is not None
