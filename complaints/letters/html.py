"""A letter as HTML: one file that fetches nothing and is readable by a screen reader."""

from html import escape

from complaints.letters.markup import Block, BlockKind, DirectedLines, Direction, by_direction, parse_blocks
from complaints.letters.templates import ComposedLetter

STYLE = (
    "body{margin:0;padding:1.5rem;background:#fff;color:#0b0c0c;font:1.1875rem/1.4 Arial,sans-serif}"
    "main{max-width:40rem;margin:0 auto}h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.25rem}"
    "blockquote{margin:1rem 0;padding:0 0 0 1rem;border-left:.3rem solid #b1b4b6}li{margin:.3rem 0}"
    "blockquote[dir=rtl]{padding:0 1rem 0 0;border-left:0;border-right:.3rem solid #b1b4b6}"
    "[dir=rtl]{text-align:right}"
    "ul+p[dir]{margin-left:1.5rem}"
)

LARGE_PRINT = "body{font-size:16pt;line-height:1.5}h1{font-size:20pt}h2{font-size:18pt}"


def render_html(letter: ComposedLetter) -> str:
    """Render a letter; every text is escaped."""
    title, style = escape(letter.subject), STYLE + (LARGE_PRINT if letter.large_print else "")
    body = "\n".join(_element(block) for block in parse_blocks(letter.text))
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _element(block: Block) -> str:
    lines = [escape(each) for each in block.lines]
    broken = "<br>\n".join(lines)
    match block.kind:
        case BlockKind.HEADING:
            return f"<h2>{broken}</h2>"
        case BlockKind.LIST:
            return "<ul>\n" + "\n".join(map(_item, block.lines)) + "\n</ul>"
        case BlockKind.QUOTE:
            return "\n".join(f"<blockquote{_dir(part)}><p>{_broken(part)}</p></blockquote>" for part in _parts(block))
        case BlockKind.OWN_TEXT:
            return "\n".join(f"<p{_dir(part)}>{_broken(part)}</p>" for part in _parts(block))
        case BlockKind.PARAGRAPH:
            return f"<p>{broken}</p>"


def _item(line: str) -> str:
    [part] = by_direction([line])
    return f"<li{_dir(part) if part.direction is Direction.RIGHT_TO_LEFT else ''}>{escape(line)}</li>"


def _parts(block: Block) -> list[DirectedLines]:
    """Divide free text, of which each line may run from right to left."""
    return by_direction(block.lines)


def _dir(part: DirectedLines) -> str:
    return f' dir="{part.direction}"'


def _broken(part: DirectedLines) -> str:
    return "<br>\n".join(map(escape, part.lines))
