"""The source files and documents that the checks of the house read."""

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    *("complaints", "workflows", "activities", "worker", "starter", "codec", "admin", "local"),
    *("benchmarks", "chaos", "incidents", "load"),
)
EVERYTHING = (*PACKAGES, "tests")


def python_files(folders: Iterable[str]) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
