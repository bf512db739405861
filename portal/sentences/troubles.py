"""The sentences of copies that did not end as they were wished."""

from collections.abc import Mapping

from portal.domain.copies.troubles import Trouble
from portal.sentences.mark import N_, Sentence

OF_TROUBLES: Mapping[str, Sentence] = {
    Trouble.BOOKED_LOST: N_(
        "The reply was lost. Exact is asked whether it booked the entry before anything is sent again."
    ),
    Trouble.DELETED_LOST: N_(
        "The reply was lost. Exact is asked whether it deleted the entry before anything is sent again."
    ),
    Trouble.CREDITED_LOST: N_(
        "The reply was lost. Exact is asked whether it booked the credit entry before anything is sent again."
    ),
    Trouble.UNDO_REFUSED: N_(
        "Exact did not let the entry be deleted. Open Undo again for what is possible instead."
    ),
    Trouble.CREDIT_REFUSED: N_("Exact refused the credit entry. Correct what it says, then open Undo again."),
    Trouble.UNLINK_REFUSED: N_("Exact refused to be asked. Correct what it says, then open Undo again."),
    Trouble.EXACT_REFUSED: N_("Exact refused this. Correct what it says, then copy again."),
    Trouble.NO_LONGER_IN_EXACT: N_(
        "Exact no longer has something that the entry needs: its customer, journal, ledger account or "
        "VAT code. Refresh the catalogue under Settings, App Marketplace, choose anew and copy again."
    ),
    Trouble.RIGHT_MISSING: N_(
        "The user who connected, or the app, lacks a right in Exact. Have it granted there, or sign in "
        "as another user, then copy again."
    ),
    Trouble.PRODUCTIVE_REFUSED: N_(
        "Productive refused this, so nothing was sent to Exact. Correct what it says, then retry."
    ),
    Trouble.NOT_UNDERSTOOD: N_(
        "Exact did not understand what the portal sent, which is a fault of the portal. Nothing was "
        "booked. Pass the words below on to your administrator."
    ),
    Trouble.PART_REFUSED: N_("Exact refused a part of the update."),
    Trouble.UPDATE_UNSEEN: N_(
        "An update of this entry broke off, and Exact could not be asked how far it came. Look at the "
        "entry in Exact, then use Update existing."
    ),
    Trouble.BOOKED_DIFFERENTLY: N_(
        "Exact booked %(booked)s, the invoice is %(wanted)s. Use Update existing, or Undo."
    ),
    Trouble.LINKED_DIFFERENTLY: N_(
        "Entry %(entry)s is %(booked)s, the invoice is %(wanted)s. Use Update existing or Undo, or "
        "correct the entry in Exact."
    ),
    Trouble.CREDITED_DIFFERENTLY: N_(
        "Exact booked the credit entry as %(booked)s instead of %(wanted)s. Correct credit entry "
        "%(entry)s in Exact."
    ),
    Trouble.ENTRY_GONE: N_("The entry no longer exists in Exact. Use Create new to book the invoice again."),
    Trouble.ENTRY_DELETED: N_("The entry was deleted in Exact."),
    Trouble.UPDATE_HALF: N_(
        "An update of this entry ended half-way. Exact now has %(booked)s; not as wanted yet: "
        "%(wanting)s. %(then)s"
    ),
    Trouble.FINISH_UPDATE: N_("Use Update existing to finish it, or correct it in Exact."),
    Trouble.SEE_UNDO: N_("%(refusal)s Undo shows what is possible."),
    Trouble.FAILED_ALIKE: N_(
        "Three copies like this one failed in the same way, so this one is not sent. Put right what is "
        "said there, then choose Retry: one is tried first, the others follow."
    ),
    Trouble.FAILED_HERE: N_(
        "Something in the portal went wrong with this copy (reference %(reference)s), so it is not tried"
        " again by itself. Tell your administrator the reference; Retry tries it once more."
    ),
    Trouble.MARKS_KEPT_OFF: N_(
        "Marks in Productive are kept off, for a trial found that they do not work. The copy counts all "
        "the same."
    ),
    Trouble.NUMBER_STAYS: N_("The invoice was marked as sent meanwhile, so Productive's number stays."),
    Trouble.NUMBER_REFUSED: N_("Productive kept its own number: %(why)s"),
    Trouble.NOT_MARKED_GONE: N_("The invoice no longer exists in Productive, so it could not be marked."),
    Trouble.MARK_REFUSED: N_("Productive refused the mark as exported: %(why)s"),
    Trouble.UNMARK_REFUSED: N_("Productive refused to take its mark off: %(why)s"),
    Trouble.DISCONNECTED: N_("Exact was disconnected before this was copied. Connect again, then copy."),
    Trouble.DISCONNECTED_UNDO: N_("Exact was disconnected before this was undone. Connect again, then undo."),
    Trouble.INVOICE_DELETED: N_("The invoice was deleted in Productive, so there is nothing to copy."),
    Trouble.INVOICE_CHANGED: N_(
        "The invoice changed in Productive since it was checked here. Open it and copy again."
    ),
    Trouble.RUN_STOPPED: N_("You stopped the run after this was tried once. Nothing of it stands in Exact."),
    Trouble.BOOKED_OTHERWISE: N_(
        "Mappings or settings changed after you looked, so this would be booked otherwise. Look at it again."
    ),
    Trouble.CHANGED_AFTER_LOOK: N_(
        "The invoice changed in Productive after you looked. Look at it again, then copy it."
    ),
    Trouble.TRIED_MEANWHILE: N_(
        "Somebody tried this invoice meanwhile, and Exact does not hold it. Look at it again."
    ),
    Trouble.MANY_ENTRIES: N_(
        "Exact holds %(count)s entries with this copy's marker: %(names)s. The portal does not guess "
        "which one counts. Remove the surplus in Exact, then choose Ask Exact again."
    ),
    Trouble.MANY_CUSTOMERS: N_(
        "Exact holds %(count)s customers with this copy's marker: %(names)s. The portal does not guess "
        "which one counts. Remove the surplus in Exact, then choose Ask Exact again."
    ),
    Trouble.MANY_LINES: N_(
        "Exact holds %(count)s lines with this copy's marker: %(names)s. The portal does not guess which"
        " one counts. Remove the surplus in Exact, then choose Ask Exact again."
    ),
    Trouble.NOT_BOOKED: N_(
        "This was still to be copied when the backup was made, and Exact holds no entry of it. Retry it."
    ),
    Trouble.NOT_UPDATED: N_(
        "An update was asked for when the backup was made. See whether it is still wanted, then retry."
    ),
    Trouble.NOT_UNDONE: N_(
        "An undo was asked for when the backup was made. Open Undo again if it is still wanted."
    ),
    Trouble.BOOKED_SINCE: N_(
        "Another copy of this invoice was booked after the backup, so nothing is left to do."
    ),
}
