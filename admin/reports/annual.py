"""Write the annual report into a folder, as the HTTP service builds it."""

import base64
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from admin.shared.api import Api
from admin.shared.errors import bad_input
from admin.shared.input_files import unreadable, unwritable
from admin.shared.numbers import read_number
from admin.shared.output import out as console
from admin.shared.output import print_error, print_json
from admin.shared.typed_dates import given
from complaints.formatting.limits import EARLIEST_YEAR, LATEST_YEAR
from complaints.formatting.new_file import write_new_file
from complaints.procedure.dates.date_format import format_date

MAX_CASES = 10**15


def write_annual_report(
    year: str | None,
    cases_resolved: str | None,
    last_year: str | None,
    words: str | None,
    out: str | None,
    policy: str | None,
    by: str | None,
    *,
    as_json: bool,
) -> None:
    """Write the report of a year. Raises CommandError."""
    errors: list[str] = []
    years = f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}"
    begins = read_number("--year", year, errors, EARLIEST_YEAR, LATEST_YEAR, years)
    if year is None:
        errors.append("--year: is needed")
    cases = read_number("--cases-resolved", cases_resolved, errors, 0, MAX_CASES, "a whole number, such as 210000")
    if out is None:
        errors.append("--out: is needed")
    if errors or out is None:
        raise bad_input(*errors)
    fields = {
        "year": "--year",
        "policy": "--policy",
        "words": "--words",
        "cases_resolved": "--cases-resolved",
        "last_year": f"--last-year: {last_year}",
    }
    request = given(year=begins, cases_resolved=cases, policy=policy, last_year=_last_year(last_year))
    request |= given(words=_words(words))
    with Api(by, fields) as api:
        report = api.post("/reports/annual", json=request)
    paths = _write(report["files"], Path(out))
    if report["last_year_mismatch"]:
        print_error(report["last_year_mismatch"])
    if as_json:
        print_json({"files": [str(path) for path in paths], "is_running": report["is_running"]})
        return
    for path in paths:
        console.print(str(path))
    if report["is_running"]:
        console.print(f"The year is still running: it ends on {format_date(date.fromisoformat(report['last']))}.")


def _last_year(file: str | None) -> str | None:
    """Read last year's report. Raises CommandError."""
    try:
        return Path(file).read_text(encoding="utf-8") if file else None
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input(f"--last-year: {unreadable(file or '', error)}") from error


def _words(folder: str | None) -> dict[str, str] | None:
    """Read the Assessor's text files, by name. Raises CommandError."""
    if folder is None:
        return None
    root = Path(folder)
    if not root.is_dir():
        raise bad_input(f"--words: {folder}: there is no such folder; give a folder of text files")
    errors: list[str] = []
    texts: dict[str, str] = {}
    for path in (*sorted(root.glob("*.txt")), *sorted((root / "findings").glob("*.txt"))):
        try:
            texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            errors.append(f"--words: {unreadable(path.name, error)}")
    if errors:
        raise bad_input(*errors)
    return texts


def _write(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write each file atomically. Raises CommandError."""
    paths = [folder / Path(name).name for name in files]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, files.values(), strict=True):
            write_new_file(path, base64.b64decode(content))
    except OSError as error:
        raise bad_input(f"--out: {unwritable(str(folder), error)}") from error
    return paths
