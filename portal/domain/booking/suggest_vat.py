"""Which VAT code fits a tax rate: the percentage of the day, for sales, and by name, kind and place."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import Catalogue, VatCode, for_sales, shown
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import (
    MOST_TIED,
    Reason,
    Score,
    Suggested,
    Suggestion,
    Tie,
    because,
    choose_best,
)
from portal.domain.booking.vat import percentage_on
from portal.domain.booking.vat_senses import Sense, plain_name, senses_of, senses_of_code

OTHER_REGIMES = frozenset((Sense.OSS, Sense.MARGIN, Sense.TRIANGLE))
# What a code without VAT must say for each place. Without a VAT number there is none in the EU.
BY_PLACE = {
    Place.DOMESTIC: frozenset((Sense.REVERSE, Sense.ZERO, Sense.NONE, Sense.EXEMPT)),
    Place.EU_VAT: frozenset((Sense.EU,)),
    Place.EU: frozenset[Sense](),
    Place.OUTSIDE: frozenset((Sense.OUTSIDE,)),
}
# What a code may say for each sense of a rate, in this order. A reverse charge crosses borders, too.
BY_NAME = {
    Sense.EXEMPT: (frozenset((Sense.EXEMPT,)), frozenset((Sense.NONE,))),
    Sense.NONE: (frozenset((Sense.NONE,)), frozenset((Sense.EXEMPT,))),
    Sense.EU: (frozenset((Sense.EU,)),),
    Sense.OUTSIDE: (frozenset((Sense.OUTSIDE,)),),
    Sense.REVERSE: (frozenset((Sense.REVERSE, Sense.EU)),),
    Sense.ZERO: (frozenset((Sense.ZERO,)), frozenset((Sense.NONE,))),
}
NAMED = (Sense.OUTSIDE, Sense.EXEMPT, Sense.EU, Sense.REVERSE, Sense.NONE)
# What can be told from the name alone, wherever the customers are.
SURE = frozenset((Sense.EXEMPT, Sense.EU, Sense.OUTSIDE))
NAME_MARGIN = 0.1
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate to find a code for, and where the customers are that it is used for."""

    # ``place`` is the row of a split rate, ``seen`` where the customers of its invoices are.

    name: str
    percentage: Decimal
    place: Place | None = None
    seen: Set[Place] = frozenset()

    @property
    def sense(self) -> Sense:
        """Return what its name says first."""
        found = senses_of(self.name)
        return next((sense for sense in NAMED if sense in found), Sense.ZERO)


def suggest_vat(rate: Rate, catalogue: Catalogue, day: date, score: Score) -> Suggestion:
    """Suggest the VAT code of a tax rate, or ask between several."""
    codes = fitting_codes(rate, catalogue, day)
    return _suggest_free(rate, codes, score) if not rate.percentage else _suggest_taxed(rate, codes, score)


def fitting_codes(rate: Rate, catalogue: Catalogue, day: date) -> list[VatCode]:
    """Return the codes for sales that charge the percentage of a rate on a day."""
    wanted = senses_of(rate.name) & OTHER_REGIMES
    return [
        code
        for code in catalogue.vat_codes
        if for_sales(code)
        and percentage_on(code, day, catalogue) == rate.percentage
        and senses_of_code(code) & OTHER_REGIMES == wanted
    ]


def rank_vat_codes(rate: Rate, catalogue: Catalogue, day: date, score: Score) -> list[VatCode]:
    """Return all codes that may be chosen, those that fit best first."""
    suggestion = suggest_vat(rate, catalogue, day, score)
    first: tuple[str, ...] = ()
    if suggestion is not None:
        first = (suggestion.target,) if isinstance(suggestion, Suggested) else suggestion.targets

    fitting = {code.code for code in fitting_codes(rate, catalogue, day)}
    offered = [code for code in catalogue.vat_codes if for_sales(code)]
    return sorted(
        offered,
        key=lambda code: (
            code.code not in first,
            code.code not in fitting,
            -_likeness(rate, code, score),
            shown(code.code),
        ),
    )


def fits_place(code: VatCode, place: Place) -> bool:
    """Say whether a code that served all customers may serve those in one place."""
    if code.kind == "E":
        return place in (Place.DOMESTIC, Place.EU)
    return bool(senses_of_code(code) & BY_PLACE[place])


def _suggest_taxed(rate: Rate, codes: Sequence[VatCode], score: Score) -> Suggestion:
    # Who charges VAT charges it at home, or to somebody in the EU who has no number.
    if rate.place in (Place.EU_VAT, Place.OUTSIDE):
        return None

    named = senses_of(rate.name)
    usual = [code for code in codes if code.kind == "E" and not code.charged]
    alike = [code for code in usual if (Sense.EU in senses_of_code(code)) == (Sense.EU in named)]
    return _pick(rate, alike or usual, score)


def _suggest_free(rate: Rate, codes: Sequence[VatCode], score: Score) -> Suggestion:
    """Suggest a code without VAT by where the customers are, and by what the name says."""
    place = rate.place or (next(iter(rate.seen)) if len(rate.seen) == 1 else None)
    named = _by_name(rate, codes)

    if place is None:
        return _suggest_anywhere(rate, codes, named, score)

    if rate.sense is Sense.EXEMPT:
        return _pick(rate, named, score)

    here = _by_place(rate, codes, place)
    both = [code for code in named if code in here]
    if both or not here:
        return _pick(rate, both, score, place)

    # Somewhere else than its name says there is no rule to go by.
    if rate.sense in (Sense.EU, Sense.OUTSIDE):
        return None
    if rate.sense is Sense.NONE and named:
        targets = tuple(code.code for code in (*named, *here))
        return Tie(targets, because(Reason.NAME_OR_PLACE, place=place))

    return _pick(rate, here, score, place)


def _suggest_anywhere(
    rate: Rate, codes: Sequence[VatCode], named: Sequence[VatCode], score: Score
) -> Suggestion:
    """Suggest one code for all places, where the name says enough."""
    if rate.sense in SURE or (rate.sense is Sense.NONE and not rate.seen):
        return _pick(rate, named, score)

    if len(rate.seen) > 1:
        places = ",".join(sorted(rate.seen))
        found = [code for place in sorted(rate.seen) for code in _by_place(rate, codes, place)]
        targets = tuple(dict.fromkeys(code.code for code in found))
        return Tie(targets, because(Reason.SEVERAL_PLACES, places=places)) if targets else None

    # Nobody knows yet for whom it is.
    return _pick(rate, named, score) if len(codes) == 1 else _ask(rate, named)


def _ask(rate: Rate, named: Sequence[VatCode]) -> Suggestion:
    """Ask which reverse charge is meant, where there is one at home and one abroad."""
    if rate.sense is not Sense.REVERSE or len(named) < 2:
        return None
    return Tie(tuple(code.code for code in named[:MOST_TIED]))


def _by_name(rate: Rate, codes: Sequence[VatCode]) -> list[VatCode]:
    """Return the codes that say what the rate says, the nearest meaning only."""
    for senses in BY_NAME[rate.sense]:
        found = [code for code in codes if senses_of_code(code) & senses]
        if found:
            return _of_kind(rate, found)

    return []


def _by_place(rate: Rate, codes: Sequence[VatCode], place: Place) -> list[VatCode]:
    """Return the codes for a place, without those that say more than the rate."""
    senses = BY_PLACE[place]
    if place is Place.DOMESTIC:
        own = frozenset().union(*BY_NAME[rate.sense])
        senses = senses & own

    return _of_kind(rate, [code for code in codes if senses_of_code(code) & senses])


def _of_kind(rate: Rate, codes: list[VatCode]) -> list[VatCode]:
    """Leave services and goods apart, and prefer a code that is listed."""
    wants_goods = Sense.GOODS in senses_of(rate.name)
    kind = [code for code in codes if (Sense.GOODS in senses_of_code(code)) == wants_goods]
    abroad = [code for code in kind if Sense.EU in senses_of_code(code)]
    listed = [code for code in abroad if code.listing in ("S", "L")]
    return [code for code in kind if code not in abroad or code in listed] if listed else kind


def _pick(rate: Rate, codes: Sequence[VatCode], score: Score, place: Place | None = None) -> Suggestion:
    """Suggest the only code, else the one whose name is most alike."""
    codes_by_id = {code.code: code for code in codes}
    if len(codes) == 1:
        return _suggested(rate, codes[0], place, is_only=True)

    ranked = [(_likeness(rate, code, score), code.code) for code in codes]
    # Names that have little in common tell nothing about which is nearer.
    is_told = any(likeness >= ALIKE for likeness, _ in ranked)
    best = choose_best(ranked, str, NAME_MARGIN if is_told else 1.0)
    return _suggested(rate, codes_by_id[best], place, is_only=False) if isinstance(best, str) else best


def _suggested(rate: Rate, code: VatCode, place: Place | None, *, is_only: bool) -> Suggested:
    """Say why a code is suggested: the list, what it says, its name, or that nothing else fits."""
    values = {"percentage": f"{rate.percentage.normalize():f}"}
    if place and not rate.place:
        values["seen"] = place

    senses = senses_of_code(code)
    if code.listing in ("S", "L", "T"):
        return Suggested(code.code, because(Reason.CODE_LISTED, **values))

    says = next((sense for sense in NAMED if sense in senses), None)
    if not rate.percentage and says:
        return Suggested(code.code, because(Reason.CODE_SAYS, **values, sense=says))

    return Suggested(code.code, because(Reason.ONLY_CODE if is_only else Reason.CODE_NAME, **values))


def _likeness(rate: Rate, code: VatCode, score: Score) -> float:
    return score(plain_name(rate.name), plain_name(code.description))
