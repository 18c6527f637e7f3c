"""Load, check and render the templates of letters.

The check at start-up renders each letter that a replaced template changes, with every sample, so that none fails
later or leaves a gap. The tests render the shipped templates.
"""

from collections.abc import Iterator, Mapping
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

from complaints.formatting.nearest_name import nearest_name
from complaints.formatting.suggestion import unknown_name
from complaints.letters.facts import MODELS, AnyFacts
from complaints.letters.markup import MarkedText, clean, mark_quoted, mark_written, normalise_spacing, single_line
from complaints.letters.sender import Sender
from complaints.procedure.dates.date_format import format_long_date
from complaints.procedure.enums import Letter
from complaints.procedure.field_types import HIDE_INPUT

SHIPPED_TEMPLATES = Path(__file__).with_name("templates")
SUBJECT = "Subject: "


class TemplatesError(ValueError):
    """Templates cannot be used. The message has one line for each error."""


class ComposedLetter(BaseModel):
    """The text of a letter, before it is laid out for its channel."""

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
    large_print: bool


class Templates:
    """The shipped templates; a file of the same name in `folder` replaces one of them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        folders = [folder, SHIPPED_TEMPLATES] if folder else [SHIPPED_TEMPLATES]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(path) for path in folders]),
            undefined=StrictUndefined,
            finalize=_finalize,
            autoescape=False,  # noqa: S701 - the result is plain text; each layout does its own escaping
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "quoted": mark_quoted,
            "as_written": mark_written,
            "line": single_line,
            "money": format_money,
            "capitalised": capitalise,
        }

    def compose(self, facts: AnyFacts, sender: Sender) -> ComposedLetter:
        """Render the template of the facts' occasion. Raises jinja2's TemplateError."""
        template = self._environment.get_template(template_name(facts.occasion))
        first, _, rest = template.render(dict(facts), sender=sender).lstrip().partition("\n")
        if not first.startswith(SUBJECT):
            raise TemplateRuntimeError(f"the first line has no subject; begin it with {SUBJECT!r}")
        return ComposedLetter(
            reference=facts.reference,
            subject=single_line(first.removeprefix(SUBJECT)),
            text=normalise_spacing(rest),
            sent_on=facts.sent_on,
            to=tuple(clean(each) for each in (facts.name, *facts.address)),
            sender=sender,
            large_print=facts.large_print,
        )

    def check(self) -> None:
        """Render each letter that the folder changes with every sample; without a folder, all.

        Raises TemplatesError.
        """
        if self._folder and not self._folder.is_dir():
            raise TemplatesError(f"{self._folder}: there is no such folder; create it")
        own = {path.name for path in self._folder.glob("*.txt")} if self._folder else set()
        if self._folder and not own:
            return
        files = {occasion: self._files_of(template_name(occasion)) for occasion in Letter}
        changed = {occasion: trees for occasion, trees in files.items() if own & trees.keys() or not self._folder}
        errors = [*_unknown_files(own, {name for trees in files.values() for name in trees}), *self._errors(changed)]
        if errors:
            raise TemplatesError("\n".join(dict.fromkeys(errors)))

    def _errors(self, changed: Mapping[Letter, dict[str, nodes.Template | None]]) -> Iterator[str]:
        for occasion, files in changed.items():
            name = template_name(occasion)
            unreadable = [error for file in files if (error := self._read_error(file))]
            known = {*MODELS[occasion].model_fields, "sender"}
            unknown = [
                f"{file}{'' if file == name else f' in {name}'}: {unknown_name(variable, known)}"
                for file, tree in files.items()
                if tree
                for variable in sorted(meta.find_undeclared_variables(tree) - known - _assigned_names(files.values()))
            ]
            yield from unreadable + unknown or self._render_errors(occasion)

    def _render_errors(self, occasion: Letter) -> Iterator[str]:
        from complaints.letters.samples import BARE_SENDER, SAMPLES, SENDER  # thousands, which few starts need

        samples = SAMPLES[occasion]
        for sample, sender in [*((sample, SENDER) for sample in samples), (samples[0], BARE_SENDER)]:
            try:
                self.compose(sample, sender)
            except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
                yield f"{template_name(occasion)}: {error}"

    def _files_of(self, name: str) -> dict[str, nodes.Template | None]:
        """Return a template and all that it includes, parsed; None for one that cannot be read."""
        trees: dict[str, nodes.Template | None] = {}
        pending = [name]
        while pending:
            file = pending.pop()
            if file in trees:
                continue
            trees[file] = None
            if self._read_error(file) is None:
                assert self._environment.loader, "the environment has a loader"
                source = self._environment.loader.get_source(self._environment, file)[0]
                tree = trees[file] = self._environment.parse(source)
                pending += [other for other in meta.find_referenced_templates(tree) if other]
        return trees

    def _read_error(self, file: str) -> str | None:
        try:
            self._environment.get_template(file)
        except TemplateSyntaxError as error:
            return f"{file}, line {error.lineno}: {error.message}"
        except TemplateNotFound:
            return f"{file}: there is no such template; add it, or correct the name where it is included"
        except (TemplateError, UnicodeDecodeError, OSError) as error:
            return f"{file}: cannot be read ({error})"
        return None


def template_name(occasion: Letter) -> str:
    return f"{occasion}.txt"


def format_money(pence: int) -> str:
    """Format an amount: `£75`, `£75.50`, `£1,000`."""
    pounds, rest = divmod(pence, 100)
    return f"£{pounds:,}.{rest:02}" if rest else f"£{pounds:,}"


def capitalise(text: str) -> str:
    """Capitalise the first letter only."""
    return text[:1].upper() + text[1:]


def _finalize(value: Any) -> Any:
    """Format a value that a template prints; only marked free text may have several lines."""
    if isinstance(value, MarkedText | StrictUndefined):
        return value
    if isinstance(value, date):
        return format_long_date(value)
    if isinstance(value, str):
        return single_line(value)
    if type(value) is int:
        return value
    if value is None:
        raise TemplateRuntimeError("a variable is sometimes absent; print it inside {% if %}")
    raise TemplateRuntimeError(f"a letter cannot print a {type(value).__name__}; print one of its fields")


def _unknown_files(own: set[str], used: set[str]) -> Iterator[str]:
    """Find misspelt names, which would leave a shipped template in use."""
    shipped = {path.name for path in SHIPPED_TEMPLATES.iterdir()}
    for name in sorted(own - shipped - used):
        near = nearest_name(name, shipped)
        yield f"{name}: no letter uses this template; {f'{near}?' if near else 'rename or remove it'}"


def _assigned_names(trees: Any) -> set[str]:
    """Return the names that templates assign, which their includes may use."""
    names = (name for tree in trees if tree for name in tree.find_all(nodes.Name))
    return {name.name for name in names if name.ctx == "store"}
