"""The layout of the repository: small folders, short files, and no import circle."""

import ast
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

from tests.house.sources import EVERYTHING, PACKAGES, ROOT, name_of, python_files

MAX_LINES = 300
MAX_FILES_IN_A_FOLDER = 20
MODULES = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in python_files(PACKAGES)}


def test_no_file_has_more_than_300_lines() -> None:
    lengths = {name_of(file): len(file.read_text("utf-8").splitlines()) for file in python_files(EVERYTHING)}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_no_folder_outside_tests_holds_more_than_20_files() -> None:
    held = Counter(name_of(file.parent) for file in python_files(PACKAGES))
    assert {folder: number for folder, number in held.items() if number > MAX_FILES_IN_A_FOLDER} == {}


def test_no_modules_import_each_other_in_a_circle_not_even_inside_functions() -> None:
    imports = {name: _imported_by(name, file) for name, file in MODULES.items()}
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules


def _imported_by(importer: str, file: Path) -> set[str]:
    """The modules of ours that a file imports, at its top or inside a function."""
    names = set[str]()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names & MODULES.keys() - {importer}
