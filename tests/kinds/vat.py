"""Invoices by how their VAT stands to their rates: what is booked per rate, or the problem.

A line is (net, percentage, VAT), in cents. ``expected`` is the VAT per percentage, or a problem's code.
"""

from dataclasses import dataclass

Line = tuple[int, str | None, int]


@dataclass(frozen=True)
class VatCase:
    """One invoice. ``net`` and ``vat`` are its own totals where they are not the lines'."""

    name: str
    lines: tuple[Line, ...]
    expected: dict[str, int] | str
    net: int | None = None
    vat: int | None = None
    discount: str | None = None


# A rounding that moves cents: they stay with the rate that they are of.
ROUNDED = (
    VatCase(
        "the issue's subtotals",
        ((123450, "21", 25925), (1017, "9", 92), (1017, "9", 92), (1017, "9", 92)),
        {"21": 25925, "9": 275},
        vat=26200,
    ),
    VatCase(
        "the same per line",
        ((123450, "21", 25925), (1017, "9", 92), (1017, "9", 92), (1017, "9", 92)),
        {"21": 25925, "9": 276},
    ),
    VatCase("3 x 10.17 at 9 %, per subtotal", ((1017, "9", 92),) * 3, {"9": 275}, vat=275),
    VatCase("3 x 10.17 at 9 %, per line", ((1017, "9", 92),) * 3, {"9": 276}),
    VatCase(
        "the help article's two lines", ((12052, "25", 3013), (8052, "25", 2013)), {"25": 5026}, vat=5026
    ),
    VatCase("its halves", ((12050, "25", 3013), (8050, "25", 2013)), {"25": 5025}, vat=5025),
    VatCase(
        "both rates lose a cent",
        ((1003, "21", 211),) * 2 + ((1006, "9", 91),) * 3,
        {"21": 421, "9": 272},
        vat=693,
    ),
    VatCase(
        "one rate gains what the other loses: the lines stand",
        ((107, "21", 22),) * 2 + ((1006, "9", 91),) * 2,
        {"21": 44, "9": 182},
    ),
    VatCase("five and a half", ((1009, "5.5", 55),) * 4, {"5.5": 222}, vat=222),
    VatCase("seven point seven", ((1013, "7.7", 78),) * 6, {"7.7": 468}),
    VatCase("seven point seven, per subtotal", ((1020, "7.7", 79),) * 7, {"7.7": 550}, vat=550),
    VatCase("tiny lines", ((2, "21", 0),) * 3, {"21": 1}, vat=1),
    VatCase("one cent", ((1, "21", 0),), {"21": 0}),
    VatCase("a credit per subtotal", ((-1017, "9", -92),) * 3, {"9": -275}, vat=-275),
    VatCase(
        "a line that gives back",
        ((10000, "21", 2100), (-3333, "21", -700), (1017, "9", 92)),
        {"21": 1400, "9": 92},
    ),
    VatCase("no tax beside tax", ((10000, None, 0), (1017, "9", 92)), {"0": 0, "9": 92}),
    VatCase("120 lines per subtotal", ((1249, "21", 262),) * 120, {"21": 31475}, vat=31475),
    VatCase("everything is free", ((10000, "0", 0), (500, None, 0)), {"0": 0}),
    VatCase(
        "a discount, per line",
        ((3333, "21", 700), (1017, "9", 92)),
        {"21": 630, "9": 83},
        net=3915,
        vat=713,
        discount="10",
    ),
    VatCase(
        "a discount, per subtotal",
        ((123450, "21", 25925), (1017, "9", 92), (1017, "9", 92), (1017, "9", 92)),
        {"21": 23332, "9": 247},
        net=113851,
        vat=23579,
        discount="10",
    ),
    VatCase(
        "a discount that the lines' VAT has already",
        ((10000, "21", 1890), (5000, "9", 405)),
        {"21": 1890, "9": 405},
        net=13500,
        vat=2295,
        discount="10",
    ),
    VatCase("all of it given away", ((10000, "21", 2100),), {"21": 0}, net=0, vat=0, discount="100"),
    VatCase(
        "a discount over a line that gives back",
        ((100000, "21", 21000), (-99900, "21", -20979)),
        {"21": 19},
        net=90,
        vat=19,
        discount="10",
    ),
    VatCase(
        "two rates of one percentage are one",
        ((1017, "9", 92), (1017, "9.0", 92)),
        {"9": 184},
    ),
)

# VAT that is not the rate's: a problem.
OFF = (
    VatCase("a rate edited after invoicing", ((10000, "21", 1900),), "vat_off_line"),
    VatCase("one cent too much", ((10000, "21", 2101),), "vat_off_line"),
    VatCase("one cent too little", ((10000, "21", 2099),), "vat_off_line"),
    VatCase("no VAT under a rate", ((10000, "21", 0),), "vat_off_line"),
    VatCase("VAT under no rate", ((10000, None, 2100),), "vat_off_line"),
    VatCase("VAT under zero", ((10000, "0", 2100),), "vat_off_line"),
    VatCase("right in the sum, wrong per rate", ((10000, "21", 1900), (10000, "9", 1100)), "vat_off_line"),
    VatCase("swapped rates", ((10000, "21", 900), (10000, "9", 2100)), "vat_off_line"),
    VatCase(
        "right for the rate, wrong on both lines", ((10000, "21", 1900), (10000, "21", 2300)), "vat_off_rate"
    ),
    VatCase("the wrong sign", ((10000, "21", -2100),), "vat_off_line"),
    VatCase("a credit at another rate", ((-10000, "21", -1900),), "vat_off_line"),
    VatCase("decimals cut off", ((10000, "5.5", 500),), "vat_off_line"),
    VatCase("7.7 taken for 8", ((10000, "7.7", 800),), "vat_off_line"),
    VatCase("three lines at an old rate", ((10000, "21", 1900),) * 3, "vat_off_rate"),
    VatCase(
        "one of three at an old rate", ((10000, "21", 2100),) * 2 + ((9900, "21", 1881),), "vat_off_line"
    ),
    VatCase("a tiny line at ten times its VAT", ((10, "21", 20),), "vat_off_line"),
    VatCase(
        "a discount of which the VAT knows nothing",
        ((10000, "21", 2100),),
        "vat_does_not_add_up",
        9000,
        2100,
        "10",
    ),
    VatCase(
        "a total that nothing explains",
        ((10000, "21", 2100), (10000, "9", 900)),
        "vat_does_not_add_up",
        vat=3002,
    ),
    VatCase(
        "a total with VAT of free lines", ((10000, "0", 0), (10000, None, 0)), "vat_does_not_add_up", vat=1
    ),
    VatCase(
        "a cent that no rate explains",
        ((10000, "21", 2100), (10000, "9", 900)),
        "vat_does_not_add_up",
        vat=3001,
    ),
)
