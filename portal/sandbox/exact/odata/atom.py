"""The same rows as Atom, which is what Exact answers to whoever does not ask for JSON."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape

from portal.sandbox.exact.entities import ENTITIES, Entity
from portal.sandbox.exact.fields import EDM

_SCHEMA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
_METADATA = f"{_SCHEMA}/metadata"
_HEAD = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>'
_SPACES = f'xmlns="http://www.w3.org/2005/Atom" xmlns:d="{_SCHEMA}" xmlns:m="{_METADATA}"'
_MOMENT = re.compile(r"/Date\((-?[0-9]{1,15})\)/")
# What XML has no way to write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Shown = Mapping[str, object]


def write_feed(entity: Entity, listed: object, address: str, now: datetime) -> str:
    """A list, with its count and the link to the next page if it has them."""
    whole = listed if isinstance(listed, Mapping) else {"results": listed}
    updated = _stamp(now)
    entries = "".join(_entry(entity, row, updated) for row in _rows(whole["results"]))
    count = f"<m:count>{_text(whole['__count'])}</m:count>" if "__count" in whole else ""
    following = f'<link rel="next" href="{_text(whole["__next"])}" />' if "__next" in whole else ""
    name = entity.name

    return (
        f'{_HEAD}<feed xml:base="{_text(address)}" {_SPACES}><title type="text">{name}</title>'
        f"<id>{_text(address)}</id><updated>{updated}</updated>"
        f'<link rel="self" title="{name}" href="{name}" />{count}{entries}{following}</feed>'
    )


def write_entry(entity: Entity, row: object, address: str, now: datetime) -> str:
    """One row."""
    [shown] = _rows([row])
    base = f' xml:base="{_text(address)}" {_SPACES}'
    return f"{_HEAD}{_entry(entity, shown, _stamp(now), base)}"


def write_fault(text: str) -> str:
    """Exact's error body."""
    return (
        f'{_HEAD}<error xmlns="{_METADATA}"><code></code><message xml:lang="">{_text(text)}</message></error>'
    )


def _entry(entity: Entity, row: Shown, updated: str, spaces: str = "") -> str:
    about = row.get("__metadata")
    uri = _text(about.get("uri") if isinstance(about, Mapping) else "")
    plain = {name: value for name, value in row.items() if not _is_collection(entity, name)}
    links = "".join(
        _link(entity, uri, name, row[name], updated) for name in row if _is_collection(entity, name)
    )
    properties = "".join(
        _property(entity, name, value) for name, value in plain.items() if name != "__metadata"
    )

    return (
        f"<entry{spaces}><id>{uri}</id><title /><updated>{updated}</updated><author><name /></author>"
        f'<link rel="edit" title="{entity.name}" href="{uri}" />{links}'
        f'<category term="{entity.type_name}" scheme="{_SCHEMA}/scheme" />'
        f'<content type="application/xml"><m:properties>{properties}</m:properties></content></entry>'
    )


def _link(entity: Entity, uri: str, name: str, value: object, updated: str) -> str:
    inside = ""
    if isinstance(value, Mapping) and "results" in value and name in entity.navigations:
        target = ENTITIES[entity.navigations[name].path]
        entries = "".join(_entry(target, row, updated) for row in _rows(value["results"]))
        inside = f'<m:inline><feed><title type="text">{name}</title>{entries}</feed></m:inline>'

    return (
        f'<link rel="{_SCHEMA}/related/{name}" type="application/atom+xml;type=feed" title="{name}" '
        f'href="{uri}/{name}">{inside}</link>'
    )


def _property(entity: Entity, name: str, value: object) -> str:
    field = entity.fields.get(name)
    kind = field.kind if field else "s"
    typed = "" if kind == "s" else f' m:type="{EDM[kind]}"'
    if value is None:
        return f'<d:{name}{typed} m:null="true" />'
    return f"<d:{name}{typed}>{_text(_spell(kind, value))}</d:{name}>"


def _spell(kind: str, value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()

    found = _MOMENT.fullmatch(value) if kind == "t" and isinstance(value, str) else None
    if found is None:
        return value

    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))
        return moment.replace(tzinfo=None).isoformat()
    except OverflowError:
        return value


def _rows(found: object) -> Iterable[Shown]:
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _is_collection(entity: Entity, name: str) -> bool:
    return name in entity.fields and entity.fields[name].kind == "c"


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: object) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", str(value)))
