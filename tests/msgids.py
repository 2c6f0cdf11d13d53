"""The texts for which our sources ask gettext, read without the gettext programs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("outlets", "audits", "programme", "vnpt_smile")

# Where a call has its context, its text and its plural.
_CALLS: dict[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
}
_LITERAL = r"""("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')"""
_STARTS_WITH_LITERAL = re.compile(_LITERAL)
_IN_A_TAG = re.compile(rf"_\({_LITERAL}\)")

_HOLDS_NO_TEXT = ("blocktrans", "comment", "block page_class")


@dataclass(frozen=True)
class Msgid:
    text: str
    plural: str = ""
    context: str = ""


@cache
def of_sources() -> dict[Msgid, str]:
    """Every text of our Python and templates, with the first file that asks for it."""
    found: dict[Msgid, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for msgid in of_python(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))):
                found.setdefault(msgid, str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for msgid in of_template(path.read_text(encoding="utf-8")):
            found.setdefault(msgid, str(path.relative_to(ROOT)))
    return found


def of_python(source: str, name: str = "") -> Iterator[Msgid]:
    """The texts of a module.

    Raises ValueError for a text that makemessages or gettext cannot find: one put together before gettext
    sees it, or marked inside an f-string. A name on its own is let through: its text is marked elsewhere.
    """
    tree = ast.parse(source, name)
    inside = {id(node) for string in ast.walk(tree) if isinstance(string, ast.JoinedStr) for node in ast.walk(string)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in _CALLS or not node.args:
            continue
        context, text, plural = _CALLS[called]
        if id(node) in inside or any(isinstance(each, (ast.JoinedStr, ast.BinOp)) for each in node.args[:3]):
            raise ValueError(f"{name}:{node.lineno}: a catalogue cannot hold this text")
        if isinstance(node.args[text], ast.Constant):
            yield Msgid(
                node.args[text].value,
                node.args[plural].value if plural is not None else "",
                node.args[context].value if context is not None else "",
            )


def of_template(source: str) -> Iterator[Msgid]:
    """The texts of a template: translate, blocktranslate and _("…") in tags and variables."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        for literal in _IN_A_TAG.findall(token.contents):
            yield Msgid(_of_literal(literal))
        words = list(smart_split(token.contents)) if token.token_type == TokenType.BLOCK else [""]
        if words[0] == "comment":
            _skip(tokens, "endcomment")
        elif words[0] in ("translate", "trans"):
            if literal := _STARTS_WITH_LITERAL.match(words[1]):
                yield Msgid(_of_literal(literal[1]), context=_context(words))
        elif words[0] in ("blocktranslate", "blocktrans"):
            yield _of_block(tokens, words)


def without_tags(source: str) -> str:
    """What a template says by itself: without its tags, its variables and what it hands to gettext."""
    kept = []
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type == TokenType.TEXT:
            kept.append(token.contents)
        elif token.token_type == TokenType.BLOCK and token.contents.startswith(_HOLDS_NO_TEXT):
            _skip(tokens, f"end{token.contents.split()[0]}")
    return "".join(kept)


def _of_block(tokens: Iterator[Token], words: list[str]) -> Msgid:
    parts = [""]
    for token in tokens:
        if token.token_type == TokenType.TEXT:
            parts[-1] += token.contents.replace("%", "%%")
        elif token.token_type == TokenType.VAR:
            parts[-1] += f"%({token.contents})s"
        elif token.contents == "plural":
            parts.append("")
        elif token.token_type == TokenType.BLOCK:
            break
    if "trimmed" in words:
        parts = [trim_whitespace(part) for part in parts]
    return Msgid(*parts, context=_context(words))


def _skip(tokens: Iterator[Token], end: str) -> None:
    for token in tokens:
        if token.token_type == TokenType.BLOCK and token.contents.split()[0] == end:
            return


def _of_literal(literal: str) -> str:
    """The text between the quotes, with percent signs doubled as Django doubles them before it looks a text up."""
    return literal[1:-1].replace("\\" + literal[0], literal[0]).replace("\\\\", "\\").replace("%", "%%")


def _context(words: list[str]) -> str:
    return words[words.index("context") + 1][1:-1] if "context" in words else ""
