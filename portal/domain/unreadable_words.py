"""What is said about what cannot be read, by its code. Nothing is decided by it."""

from portal.domain.said import Said, said
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable, has_key

RECORD = "unreadable_record"
WITHOUT_NUMBER = "unreadable_without_number"
PART = "unreadable_part"
PART_NAMED = "unreadable_part_named"


def fault_code(reason: Reason) -> str:
    """Return the code of what is odd about a value."""
    return f"unreadable_value_{reason.replace(' ', '_')}"


def kind_code(kind: Kind) -> str:
    """Return the code of what a record is."""
    return f"unreadable_kind_{kind.lower().replace(' ', '_')}"


def say_record(record: Unreadable) -> Said:
    """Say which record cannot be read, and why."""
    known = record.number or (record.id if has_key(record.id) else "")
    name = known or said(WITHOUT_NUMBER)
    return said(RECORD, kind=said(kind_code(record.kind)), name=name, fault=say_fault(record.fault))


def say_fault(fault: Fault) -> Said:
    """Say what is odd about a value, and in which part it stands."""
    values = {} if fault.reason == Reason.NO_RECORD else {"field": fault.field.replace("_", " ")}
    if fault.reason not in (Reason.NO_RECORD, Reason.MISSING, Reason.LEFT_OUT):
        values["value"] = fault.value

    told = said(fault_code(fault.reason), **values)
    if fault.part is None:
        return told

    part = said(kind_code(fault.part))
    if not fault.part_name:
        return said(PART, part=part, said=told)
    return said(PART_NAMED, part=part, name=fault.part_name, said=told)
