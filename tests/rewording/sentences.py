"""What reads as a sentence for people in the portal's code, and how the same is said in other words."""

import ast
import re
import string
from collections.abc import Iterator

# What has spaces in it and is no sentence: SQL, patterns, filters of OData, headers, formats, lists of data.
MACHINE = re.compile(
    r"^(SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|CREATE|ALTER|DROP|WITH|SET|TRUNCATE|LOCK|ANALYZE|PERFORM)\b[^.]*$"
    r"|^\w+ (=|<>) '|^CASE\s+WHEN\b[^.]*\bEND$|^\w+ IS (NOT )?(NULL$|[01]\b|false\b)"
    r"|^\x00 AND \x00$|^ (FROM|WHERE) \x00$|^(extract|substr|to_char)\("
    r"|\\[dswbA-Z]|\(\?|\[\^|^[a-z]+/[a-z]+;|^(Bearer|Basic) | (eq|ge|gt|le|lt|asc|desc)\b|guid'|datetime'"
    r"|; ?charset|^(default|script|style)-src |%[YmdHMS]|^[<.\n]|=\"|max-age|no-store"
    r"|delete-orphan|^[A-Z0-9 ]+$"
)
PLACES = re.compile(r"(\{[^{}]*\}|%\(\w+\)[a-z]|%[a-z%]|\[[A-Z2-7]{8}\])")
LETTERS = string.ascii_lowercase
PHRASE = re.compile(r"\w[\w’'”)]*[,;:.]? [\x00{%(“]*\w|[\x00}][,;:’”)]* \w{2,}|\w{2,}[,;:]? [\x00{%“]")
# A code may have spaces, too. It is small letters only, as is a list of words, or names a bug and its place.
CODE = re.compile(
    r"[a-z]+(-[a-z]+)?( ([a-z+-]+|\d+))+|\d+-\d+ [a-z]+|[a-z]+ \x00|\x00 requested|(fault )?\x00 in \x00"
)
ENUMS = ("StrEnum", "IntEnum", "Enum")


def reads_as_sentence(text: str) -> bool:
    """Say whether a constant reads as a sentence or a phrase that people are shown."""
    is_text = PHRASE.search(text) and not MACHINE.search(text)
    return bool(is_text) and not CODE.fullmatch(text)


def reword(text: str, turn: int) -> str:
    """Say the same in other words: every letter moves on, what is filled in stays where it is."""
    step = 1 + turn % 25
    moved = LETTERS[step:] + LETTERS[:step]
    table = str.maketrans(LETTERS + LETTERS.upper(), moved + moved.upper())
    parts = PLACES.split(text)
    return "".join(part if at % 2 else part.translate(table) for at, part in enumerate(parts))


def whole_text(joined: ast.JoinedStr) -> str:
    """Return an f-string with a mark for everything that is filled in."""
    values = joined.values
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "\x00" for part in values)


def is_sentence(node: ast.AST) -> bool:
    """Say whether a node of the code is a sentence."""
    if isinstance(node, ast.JoinedStr):
        return reads_as_sentence(whole_text(node))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and reads_as_sentence(node.value)


def is_mute(node: ast.AST) -> bool:
    """Say whether a node holds no sentence: a docstring, the members of an enum, a literal type."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id in ENUMS for base in node.bases)
    return _is_literal(node) or _is_list_of_data(node)


def _is_literal(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal"


def _is_list_of_data(node: ast.AST) -> bool:
    """Say whether a text is cut into pieces where it stands, as lists of countries and endings are."""
    method = node.func if isinstance(node, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in ("split", "splitlines")


def sentences_of(tree: ast.AST) -> Iterator[ast.AST]:
    """Find every sentence in a module, without its docstrings, its codes and its types."""
    for node in ast.iter_child_nodes(tree):
        if is_mute(node):
            continue
        if is_sentence(node):
            yield node
        if not isinstance(node, ast.JoinedStr):
            yield from sentences_of(node)
        else:
            for part in node.values:
                yield from sentences_of(part)
