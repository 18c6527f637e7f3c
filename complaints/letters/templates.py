"""From facts to a letter's text, by a template; and a check that no template can fail later, or leave a space empty."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    meta,
    nodes,
)
from pydantic import BaseModel, ConfigDict

from complaints.letters.facts import MODELS, AnyFacts
from complaints.letters.markup import Marked, as_written, clean, line, quoted, tidy
from complaints.letters.samples import SAMPLES, SENDER
from complaints.letters.sender import Sender
from complaints.procedure.dates.date_format import format_long_date
from complaints.procedure.enums import Letter
from complaints.procedure.field_types import HIDE_INPUT

OURS = Path(__file__).with_name("templates")
SUBJECT = "Subject: "


class TemplatesError(ValueError):
    """Templates that cannot be used; its message names every one, with what is wrong."""


class Composed(BaseModel):
    """A letter as it was written, before it is laid out for its channel."""

    model_config = ConfigDict(frozen=True, **HIDE_INPUT)

    reference: str
    subject: str
    """One line."""
    text: str
    """In our markup, without the subject."""
    sent_on: date
    to: tuple[str, ...]
    """The name, and the address line by line, as on an envelope."""
    sender: Sender


class Templates:
    """Ours, each of which an organisation may replace by a file of the same name in a folder of its own."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        folders = [folder, OURS] if folder else [OURS]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(path) for path in folders]),
            undefined=StrictUndefined,
            finalize=_on_one_line,
            autoescape=False,  # noqa: S701 - a text is written, not HTML; each layout escapes for itself
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "quoted": quoted,
            "as_written": as_written,
            "line": line,
            "money": money,
            "capitalised": capitalised,
        }

    def compose(self, facts: AnyFacts, sender: Sender) -> Composed:
        template = self._environment.get_template(name_of(facts.occasion))
        first, _, rest = template.render(dict(facts), sender=sender).lstrip().partition("\n")
        if not first.startswith(SUBJECT):
            raise TemplateRuntimeError(f"the first line must begin with {SUBJECT!r}")
        return Composed(
            reference=facts.reference,
            subject=line(first.removeprefix(SUBJECT)),
            text=tidy(rest),
            sent_on=facts.sent_on,
            to=tuple(clean(each) for each in (facts.name, *facts.address)),
            sender=sender,
        )

    def check(self) -> None:
        """Raises TemplatesError with every template that is not to be used."""
        errors = list(dict.fromkeys([*self._strangers(), *self._errors()]))
        if errors:
            raise TemplatesError("\n".join(errors))

    def _strangers(self) -> Iterator[str]:
        """A misspelt name would leave our own template in use."""
        if self._folder is None:
            return
        if not self._folder.is_dir():
            yield f"{self._folder}: there is no such folder"
            return
        ours = {path.name for path in OURS.iterdir()}
        used = {name for occasion in Letter for name in self._files_of(name_of(occasion))}
        for path in sorted(self._folder.iterdir()):
            if path.suffix == ".txt" and path.name not in ours | used:
                yield f"{path.name}: there is no letter of this name, and no template that includes it"

    def _errors(self) -> Iterator[str]:
        for occasion in Letter:
            name = name_of(occasion)
            files = self._files_of(name)
            unread = [mistake for file in files if (mistake := self._unreadable(file))]
            known = {*MODELS[occasion].model_fields, "sender"}
            unknown = [
                f"{file}: there is no {variable!r} in {name}"
                for file, tree in files.items()
                if tree
                for variable in sorted(meta.find_undeclared_variables(tree) - known - _set_in(files.values()))
            ]
            yield from unread + unknown or self._failing(occasion)

    def _failing(self, occasion: Letter) -> Iterator[str]:
        for sample in SAMPLES[occasion]:
            try:
                self.compose(sample, SENDER)
            except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
                yield f"{name_of(occasion)}: {error}"

    def _files_of(self, name: str) -> dict[str, nodes.Template | None]:
        """A template and all that it includes; None for one that cannot be read."""
        found: dict[str, nodes.Template | None] = {}
        waiting = [name]
        while waiting:
            file = waiting.pop()
            if file in found:
                continue
            found[file] = None
            if self._unreadable(file) is None:
                assert self._environment.loader, "the environment has a loader"
                source = self._environment.loader.get_source(self._environment, file)[0]
                tree = found[file] = self._environment.parse(source)
                waiting += [other for other in meta.find_referenced_templates(tree) if other]
        return found

    def _unreadable(self, file: str) -> str | None:
        try:
            self._environment.get_template(file)
        except TemplateSyntaxError as error:
            return f"{file}, line {error.lineno}: {error.message}"
        except TemplateNotFound:
            return f"{file}: there is no such template"
        except (TemplateError, UnicodeDecodeError, OSError) as error:
            return f"{file}: cannot be read: {error}"
        return None


def name_of(occasion: Letter) -> str:
    return f"{occasion}.txt"


def money(pence: int) -> str:
    """`£75`, `£75.50`, `£1,000`."""
    pounds, rest = divmod(pence, 100)
    return f"£{pounds:,}.{rest:02}" if rest else f"£{pounds:,}"


def capitalised(text: str) -> str:
    """For the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _on_one_line(value: Any) -> Any:
    """Whatever a template says between its own words; only people's words may have several lines."""
    if isinstance(value, Marked | StrictUndefined):
        return value
    if isinstance(value, date):
        return format_long_date(value)
    if isinstance(value, str):
        return line(value)
    if type(value) is int:
        return value
    raise TemplateRuntimeError(f"{type(value).__name__} is nothing that a letter can say")


def _set_in(trees: Any) -> set[str]:
    """Names that a template gives itself, and that what it includes may use."""
    names = (name for tree in trees if tree for name in tree.find_all(nodes.Name))
    return {name.name for name in names if name.ctx == "store"}
