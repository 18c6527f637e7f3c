"""Typer without what our commands do not need: half of its processor time.

- Its help imports parts of rich that format Markdown and tracebacks. We use neither.
- It reads each option by pydantic, whose import takes longer than all else. Ours are texts and flags.

Both are Typer's own business, so `tests/admin/test_command_index.py` says if a new version does them otherwise.
"""

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import typer.core
from typer._click import Context
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

UNUSED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}
TEXTS = (str, bool, list[str])
"""Types of options that need no conversion."""


def lighten() -> None:
    """Leave these out, where nobody has imported them yet."""
    for name, only_class in UNUSED.items():
        if name not in sys.modules:
            module = ModuleType(name)
            setattr(module, only_class, type(only_class, (), {}))
            sys.modules[name] = module
    setattr(typer.core, "build_runtime_param", build)  # noqa: B010 (Typer does not export it)


@dataclass(frozen=True)
class TextParam(RuntimeParam):
    """An option's value as it was typed; Typer reads anything else, such as what is not UTF-8."""

    descriptor: TypeDescriptor

    def _coerce_value(self, value: Any, param: Any, ctx: Context) -> Any:
        texts = value if isinstance(value, list | tuple) else [value]
        if self.annotation is not bool and all(_is_text(text) for text in texts):
            return texts[0] if self.annotation is str else list(texts)
        return build_runtime_param(self.descriptor).coerce(value, param, ctx)


def build(descriptor: TypeDescriptor) -> RuntimeParam:
    """Return what reads an option of this type."""
    if descriptor.annotation not in TEXTS or descriptor.parameter_info.parser:
        return build_runtime_param(descriptor)
    return TextParam(descriptor.parameter_info, descriptor.annotation, descriptor)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)
