"""Which browser somebody uses, in words that this file alone chooses."""

import re

# The first that fits: many call themselves Chrome or Safari too.
PROGRAMS = (
    (re.compile(r"\bEdg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"\b(?:OPR|Opera)/"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\b(?:Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"), "Chrome"),
    (re.compile(r"\bSafari/"), "Safari"),
)
SYSTEMS = (
    (re.compile(r"\b(?:iPhone|iPad)\b"), "iPhone or iPad"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bMac OS X\b|\bMacintosh\b"), "macOS"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bLinux\b"), "Linux"),
)


def name_browser(told: str) -> str:
    """Name program and system of a browser by what it tells of itself, empty for an unknown one."""
    program = next((name for sign, name in PROGRAMS if sign.search(told)), "")
    system = next((name for sign, name in SYSTEMS if sign.search(told)), "")
    return " · ".join(part for part in (program, system) if part)
