"""The icons of rows: drawn by the style sheet, as the sprite of all icons draws them."""

import re
from urllib.parse import unquote

from portal.settings import ROOT
from portal.web.invoices.state_words import ICON_OF, SHOWN

STATIC = ROOT / "static"


def test_the_style_sheet_draws_each_icon_of_a_row_like_the_sprite() -> None:
    sprite = (STATIC / "icons.svg").read_text()
    styles = (STATIC / "app.css").read_text()
    tones = {icon: f"state-{tone}" for tone, icon in ICON_OF.items()}
    for icon in {icon for _tone, icon, _word in SHOWN.values()}:
        drawn = re.search(rf'<symbol id="{icon}"[^>]*>(.*?)</symbol>', sprite)
        rule = re.search(
            rf"^\.{tones.get(icon, f'i-{icon}')} \{{ --icon: url\(\"(.*?)\"\)", styles, re.MULTILINE
        )
        assert drawn is not None
        assert rule is not None, icon
        assert unquote(rule[1]).replace("'", '"').partition(">")[2] == f"{drawn[1]}</svg>"
