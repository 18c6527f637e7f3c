"""The options of the script that set the fields of acts. This module is light."""

from types import MappingProxyType

OPTION_OF = MappingProxyType(
    {
        "by": "--as",
        "carry_out_by": "--by",
        "concern": "N",
        "recommendation": "N",
        "undertaking": "N",
        "letter": "N",
        "remedies": "--remedy",
        "recommendations": "--recommend",
        "satisfactory": "--satisfactory or --unsatisfactory",
        "accepted": "--accept or --decline",
        "name": "--to",
        "toml": "--to",
    }
)
"""Options whose names differ from their fields'; N is an argument."""


def option_of(field: str) -> str:
    """Return the option, or the argument, that sets a field of an act."""
    return OPTION_OF.get(field, f"--{field.replace('_', '-')}")


def option_of_path(path: str) -> str | None:
    """Return the option that sets a part of a field, such as `communication.on`.

    None: the path is that of a whole field.
    """
    head, dot, tail = path.partition(".")
    if not dot or "[" in head:
        return None
    if head == "needs":
        return "--needs"
    return option_of(tail if head == "concern" else f"{head}_{tail}")
