"""A report as one page that fetches nothing, needs no script, and reads aloud."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from complaints.reports.document import Chart, Document, Table

TEMPLATE = Path(__file__).with_name("page.html.jinja")


def page_of(document: Document) -> str:
    return _template().render(document=document) + "\n"


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATE.parent), undefined=StrictUndefined, autoescape=True)
    environment.tests |= {"chart": lambda part: isinstance(part, Chart), "table": lambda part: isinstance(part, Table)}
    return environment.get_template(TEMPLATE.name)
