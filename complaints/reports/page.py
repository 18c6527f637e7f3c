"""Render a report as one accessible HTML page, without scripts and external resources."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from complaints.reports.document import Chart, Document, Table

TEMPLATE = Path(__file__).with_name("page.html.jinja")


def render_page(document: Document) -> str:
    return _template().render(document=document) + "\n"


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATE.parent), undefined=StrictUndefined, autoescape=True)
    environment.tests |= {"chart": lambda part: isinstance(part, Chart), "table": lambda part: isinstance(part, Table)}
    return environment.get_template(TEMPLATE.name)
