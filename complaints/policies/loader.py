"""Load a policy: a shipped one by its name, or your own from a TOML file."""

import tomllib
from copy import deepcopy
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from complaints.calendars.regions import REGIONS
from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.policy import Policy, PolicyError
from complaints.procedure.validation_messages import validation_errors

DEFAULT_POLICY = "financial-ombudsman-service"


@lru_cache
def load_policy(name: str = DEFAULT_POLICY) -> Policy:
    """Load a policy by name, or by the path of a .toml file. Raises PolicyError."""
    text = _text_of(name)
    try:
        return read_policy(text)
    except PolicyError as error:
        raise PolicyError(f"{name}:\n{error}") from error


def load_policy_to_check(name: str) -> Policy:
    """Load a policy by name, or from a file of any name.

    Raises PolicyError, one line for each error.
    """
    return read_policy(_text_of_file(name) if Path(name).exists() else _text_of(name))


def read_policy(text: str) -> Policy:
    """Read a policy from TOML. Raises PolicyError with every error and its key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not valid TOML: {error}") from error
    errors: list[str] = []
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        errors += [*validation_errors(error, Policy), *_further_errors(error, data)]
    if "holidays" in data or data.get("region") not in tuple(REGIONS):
        from complaints.policies.holiday_errors import holiday_errors  # the holidays package takes long to import

        errors += [line for line in holiday_errors(data) if line not in errors]
    if errors:
        raise PolicyError("\n".join(errors))
    return policy


def _further_errors(error: ValidationError, data: dict[str, Any]) -> list[str]:
    """Return the errors between fields, which pydantic does not look for while a key is unknown."""
    unknown = [each["loc"] for each in error.errors() if each["type"] == "extra_forbidden"]
    if len(unknown) < error.error_count():
        return []
    data = deepcopy(data)
    for location in unknown:
        holder: Any = data
        for part in location[:-1]:
            holder = holder[part]
        del holder[location[-1]]
    try:
        Policy.model_validate(data)
    except ValidationError as further:
        return validation_errors(further, Policy)
    return []


def shipped_policies() -> list[str]:
    """List the names of the policies that the product ships."""
    folder = resources.files("complaints.policies")
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))


def _text_of(name: str) -> str:
    if name.endswith(".toml"):
        return _text_of_file(name)
    folder = resources.files("complaints.policies")
    file = folder / f"{name}.toml"
    if not file.is_file():
        known = shipped_policies()
        near = nearest_name(name, known)
        advice = f"{near}?" if near else f"give a .toml file, or one of {', '.join(known)}"
        raise PolicyError(f"there is no policy {name!r}; {advice}")
    return file.read_text(encoding="utf-8")


def _text_of_file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", error)
        raise PolicyError(f"{name} cannot be read: {reason}") from error
