"""The regions whose bank holidays are known."""

from complaints.procedure.policy import PolicyError

REGIONS = {
    "england-and-wales": ("GB", "ENG"),
    "scotland": ("GB", "SCT"),
    "northern-ireland": ("GB", "NIR"),
}
"""Our name of a region, and its country and subdivision in the holidays package."""


def region_known(region: str) -> tuple[str, str]:
    """Raises PolicyError with the regions there are."""
    try:
        return REGIONS[region]
    except KeyError:
        raise PolicyError(f"region: there is no {region!r}; give one of {', '.join(REGIONS)}") from None
