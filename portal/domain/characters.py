"""Characters as a reader sees them, and text without those that nobody sees.

What one reader sees as a character may be many to a computer: a flag, a family, a letter with its accents.
The rules are Unicode's: https://www.unicode.org/reports/tr29/
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

JOINER = "\u200d"
NON_JOINER = "\u200c"
# Ends of lines that other systems write.
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NONCHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
# Controls, marks that turn the direction of text around, and what has no width and no meaning.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    f"\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff0-\ufffc{_NONCHARACTERS}]"
)
# The flags of England, Scotland and Wales are spelt by tags. Elsewhere tags hide text.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0000-\U000e007f]")
# Joiners have a meaning between emoji, and in Arabic, Persian and the scripts of India.
_JOINED = "[\u0590-\u1fff\u2190-\u2bff\u2c80-\ud7ff\ue000-\U0010ffff]"
_JOINERS = re.compile(f"((?<={_JOINED})[{JOINER}{NON_JOINER}](?={_JOINED}))|[{JOINER}{NON_JOINER}]")

_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAG_LETTERS = range(0xE0020, 0xE0080)
# The marks of half-width Japanese, and the vowels of Thai and Lao that are letters by their category.
_MARK_LETTERS = "\uff9e\uff9f\u0e33\u0eb3"
# Signs that belong to what comes after them.
_PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U00011f02"
    "\U000113d1\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46]"
)
# What this Python does not know yet may be such a sign, too.
_SIGNS = frozenset(("Mn", "Me", "Mc", "Cn"))
_VIRAMA = 9
# No character of any language or family has more signs. Whatever has is cut, or nothing of it would be kept.
MOST_SIGNS = 20


def clean(text: str) -> str:
    """Return a text that every database and document takes, with its lines."""
    if text.isascii() and text.isprintable():
        return text
    while (cleaner := _clean_once(text)) != text:
        text = cleaner
    return text


def clean_line(text: str) -> str:
    """Return a clean text on one line. Spaces at its ends stay, for Exact pads its codes."""
    return clean(text).replace("\n", " ")


def _clean_once(text: str) -> str:
    if _SURROGATE.search(text):
        # Two halves make one character, and a lone half makes none.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")

    text = _LINE_END.sub("\n", text).replace("\t", " ")
    text = _UNSEEN.sub("", text)
    text = _TAGS.sub(_kept, text)
    text = unicodedata.normalize("NFC", text)

    return _JOINERS.sub(_kept, text)


def _kept(found: re.Match[str]) -> str:
    return found.group(1) or ""


def cut_at(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of a text that fits and ends where a reader sees an end."""
    if fits(text):
        return text

    kept = 0
    for end in _ends(text):
        if not fits(text[:end]):
            break
        kept = end

    return text[:kept]


def _ends(text: str) -> Iterator[int]:
    """Yield where the characters of a text end, as a reader sees them."""
    flag_letters = 0
    begun = 0

    for at in range(1, len(text)):
        before = text[at - 1]
        after = text[at]
        flag_letters = flag_letters + 1 if ord(before) in _FLAG_LETTERS else 0
        is_half_flag = flag_letters % 2 == 1 and ord(after) in _FLAG_LETTERS
        is_endless = at - begun > MOST_SIGNS

        if is_endless or (not is_half_flag and not _belong_together(text, at, before, after)):
            begun = at
            yield at

    yield len(text)


def _belong_together(text: str, at: int, before: str, after: str) -> bool:
    """Say whether two neighbours are one character to a reader. In doubt they are."""
    if before == "\r" and after == "\n":
        return True
    if _is_control(before) or _is_control(after):
        return False

    return (
        _extends(after)
        or before == JOINER
        or bool(_PREPENDED.match(before))
        or _is_syllable(ord(before), ord(after))
        or _is_conjunct(text, at)
    )


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp")


def _extends(character: str) -> bool:
    """Say whether a sign changes what stands before it."""
    code = ord(character)
    return (
        unicodedata.category(character) in _SIGNS
        or code in _SKIN_TONES
        or code in _TAG_LETTERS
        or character in (JOINER, NON_JOINER)
        or character in _MARK_LETTERS
    )


def _is_syllable(before: int, after: int) -> bool:
    """Say whether two letters of Korean are in one syllable."""
    first = _hangul(before)
    second = _hangul(after)
    return (
        (first == "L" and second in ("L", "V", "LV", "LVT"))
        or (first in ("LV", "V") and second in ("V", "T"))
        or (first in ("LVT", "T") and second == "T")
    )


def _hangul(code: int) -> str:
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"

    return ""


def _is_conjunct(text: str, at: int) -> bool:
    """Say whether a sign before joins two consonants, as in the scripts of India."""
    if unicodedata.category(text[at]) != "Lo":
        return False
    start = at
    while start and _extends(text[start - 1]):
        start -= 1
    return any(unicodedata.combining(each) == _VIRAMA for each in text[start:at])
