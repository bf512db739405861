"""What a trial saw of an assumption, and the sentence for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What a trial says of an assumption."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Observation:
    """One assumption and what was seen of it. ``seen`` names a sentence, ``values`` fill it."""

    code: str
    verdict: Verdict
    seen: str
    values: Mapping[str, str] = field(default_factory=dict)


SEEN: Mapping[str, str] = {
    "as assumed": "As assumed.",
    "untried": "Not tried. {why}",
    "not reached": "Not looked at, for an earlier step gave nothing to look at.",
    "stopped": "Not looked at, for the trial ended before.",
    "no answer": "Not seen: {text}",
    "refused": "Refused: {text}",
    "limits": "{limits}.",
    "limits missing": "Missing in the answers: {missing}.",
    "pages": "A full page of a list has {rows} rows.",
    "too few rows": "The division has too few rows for a full page.",
    "words": "In {language}: “{text}”",
    "no words": "A refusal without a reason.",
    "not refused": "An entry in a journal that does not exist was not refused.",
    "amounts": "Sent {sent}, booked {booked}.",
    "values": "Sent “{sent}”, found “{found}”.",
    "not whole": "The answer did not hold it: {text}",
    "without blanks": "Refused with blanks, taken without: {text}",
    "entry": "Entry {number}.",
    "none": "Not there.",
    "not found": "Nothing was found.",
    "several found": "{count} were found where one was booked.",
    "lines apart": "The lines did not come along.",
    "type": "Type {type}.",
    "rate": "Exchange rate {rate}.",
    "no currency": "The division has no foreign currency that its sales journal takes.",
    "moved": "From {before} to {after}.",
    "stayed": "It stayed at {before}.",
    "terms": "Terms: {count}, together {total}.",
    "kinds": "Type {kinds}.",
    "feed too long": "The feed is longer than a trial may read. Switch payments on once, then try again.",
    "split same row": "The term itself became the part that was paid, and the rest is new.",
    "split deleted": "The term was deleted, and both parts are new.",
    "split new part": "The part that was paid is new, and the term kept the rest.",
    "split whole": "The whole term was settled at once.",
    "no receipt": "No receipt was matched with the trial's entry.",
    "tombstones": "{count} of {terms} terms are in the log.",
    "seconds": "{seconds} seconds.",
    "page opened": "The address answers with the right page.",
    "page missing": "The address answers with {status}: {url}",
    "page unknown": "The address answers with {status}, which may be the sign-in. Open it to see: {url}",
    "no invoice": "No invoice was named to try it on.",
    "wrong invoice": "Not tried. {text}",
    "sums": "Lines {lines}, invoice {total}.",
}


def say_seen(observation: Observation) -> str:
    """Say what was seen."""
    return SEEN[observation.seen].format(**observation.values)


def failed_codes(observations: Iterable[Observation]) -> frozenset[str]:
    """Return the codes of what failed."""
    return frozenset(each.code for each in observations if each.verdict == Verdict.FAILS)
