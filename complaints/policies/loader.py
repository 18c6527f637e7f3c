"""Load a policy: a shipped one by its name, or your own from a TOML file."""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from complaints.calendars.regions import holidays_key
from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.policy import Policy, PolicyError

DEFAULT_POLICY = "financial-ombudsman-service"


@lru_cache
def load_policy(name: str = DEFAULT_POLICY) -> Policy:
    """Load a policy by name, or by the path of a .toml file. Raises PolicyError."""
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
            raise PolicyError(f"{name} cannot be read: {reason}") from error
    else:
        folder = resources.files("complaints.policies")
        file = folder / f"{name}.toml"
        if not file.is_file():
            known = sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))
            near = nearest_name(name, known)
            advice = f"{near}?" if near else f"give a .toml file, or one of {', '.join(known)}"
            raise PolicyError(f"there is no policy {name!r}; {advice}")
        text = file.read_text(encoding="utf-8")
    try:
        policy = Policy.from_toml(text)
    except PolicyError as error:
        raise PolicyError(f"{name}:\n{error}") from error
    holidays_key(policy.region)
    return policy
