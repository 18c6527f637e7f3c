"""Load a policy: one that is shipped, by its name, or your own, from a TOML file."""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from complaints.calendars.regions import region_known
from complaints.procedure.policy import Policy, PolicyError

DEFAULT_POLICY = "financial-ombudsman-service"


@lru_cache
def load_policy(name: str = DEFAULT_POLICY) -> Policy:
    """A policy of ours by its name, or one of yours by its file's path. Raises PolicyError with every mistake."""
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"{name} cannot be read: {error}") from error
    else:
        folder = resources.files("complaints.policies")
        file = folder / f"{name}.toml"
        if not file.is_file():
            known = sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))
            raise PolicyError(f"there is no policy {name!r}; give a .toml file, or one of {', '.join(known)}")
        text = file.read_text(encoding="utf-8")
    try:
        policy = Policy.from_toml(text)
    except PolicyError as error:
        raise PolicyError(f"{name}:\n{error}") from error
    region_known(policy.region)
    return policy
