"""Regions whose bank holidays are available."""

REGIONS = {
    "england-and-wales": ("GB", "ENG"),
    "scotland": ("GB", "SCT"),
    "northern-ireland": ("GB", "NIR"),
}
"""Name of a region to its country and subdivision in the holidays package."""
REGION_NAMES = "england-and-wales, scotland or northern-ireland"


def holidays_key(region: str) -> tuple[str, str]:
    """Return a region's country and subdivision. Raises PolicyError, which names the regions."""
    from complaints.procedure.policy import PolicyError  # the script reads only the names

    try:
        return REGIONS[region]
    except KeyError:
        raise PolicyError(f"region: there is no {region!r}; give one of {', '.join(REGIONS)}") from None
