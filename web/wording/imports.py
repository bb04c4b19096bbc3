"""Wording of what is said of a sheet: why a file cannot be read, and what becomes of a row (`matching.imports`)."""

from typing import Final

from matching.imports import layout
from web.i18n import N_, NP_

FILE_TEXTS: Final = {
    "file_unusable": N_("The file cannot be read as a sheet. Nothing was changed."),
    "file_empty": N_("The file is empty. Nothing was changed."),
    "file_encrypted": N_("The file is protected by a password. Save it without one, then upload it again."),
    "file_old_excel": N_("This is the old Excel format (.xls). Save it as .xlsx or .csv, then upload it again."),
    "file_unknown_type": N_("Only .xlsx and .csv files can be read. Save the sheet as one of them."),
    "file_not_what_it_says": N_("The file is not what its name says. Open it in Excel or WPS, save it as .xlsx, and try again."),
    "file_unreadable": N_("The file is damaged and cannot be opened. Save it anew from Excel or WPS, and try again."),
    "file_too_complex": N_("The file takes more memory or time to read than a sheet may. Copy the rows alone into a new sheet."),
    "file_too_large": N_("The file is too large. Split it, and upload the parts one after the other."),
    "file_too_many_rows": N_("The sheet has too many rows. Split it, and upload the parts one after the other."),
    "file_too_many_columns": N_("The sheet has too many columns. Keep those of the template."),
    "file_no_rows": N_("There are headings but no rows below them. Nothing was changed."),
    "file_no_known_column": N_("No known column was found. Use the headings of the template, in one of the first five rows."),
    "file_missing": N_("There is no such file."),
    "file_no_title": N_("No column for the title was found. Use the headings of the template."),
    "file_other_kind": N_("This sheet has the headings of the other kind (results or needs). Choose that kind, or another file."),
    "import_file_gone": N_("The uploaded file is no longer there. Upload it again."),
    "import_person_gone": N_("The account that began this import is closed. Begin it again with another."),
    "import_failed": N_("The fault is ours: the import stopped. What was written stays; upload the sheet again to go on."),
    "import_undo_failed": N_("The fault is ours: the undo stopped. Ask for it once more; it goes on where it stopped."),
    "import_lapsed": N_("Nobody committed this plan for thirty days, so it was dropped. Upload the sheet again."),
}

ROW_TEXTS: Final = {
    "file_required": N_("Choose the file first."),
    "bad_money": N_("This is not an amount. Write 60-120, or leave it empty for “negotiable”."),
    "too_precise": N_("An amount finer than a hundredth of a yuan cannot be kept."),
    "ambiguous": N_("More than one organisation bears this name. Give its credit code."),
    "ambiguous_target": N_("There are %(count)s entries with this title. Give the number to say which is meant."),
    "ambiguous_name": N_("“%(value)s” may mean several. Write the full name."),
    "bad_date": N_("“%(value)s” is not a date that can be read. Write 2026-11 or 2026-11-23."),
    "date_needs_month": N_("“%(value)s” tells the year alone. Add the month: 2026-11."),
    "date_month_unclear": N_("“%(value)s” may be January or October, for sheets drop the last zero. Write 2025-01 or 2025-10."),
    "default_period": N_("“%(value)s” is taken as the usual year from publication; renew it then."),
    "title_column_needed": N_("No column holds the title yet. Say which one does."),
    "unit_needed": N_("Say whether the amounts are in yuan or in 10,000 yuan."),
    "target_taken": N_("Another column holds this already. Choose something else, or leave this one out."),
    "unit_unclear": N_("It is not clear whether “%(value)s” is in yuan or in 10,000 yuan. Write the unit."),
    "formula_error": N_("The formula in “%(heading)s” gives an error in your program. Mend it, or write the value."),
    "formula_without_value": N_("The formula in “%(heading)s” was never calculated. Open the sheet, save it, upload it again."),
    "columns_differ": N_("Two columns say different things here, one of them “%(heading)s”. Leave one empty."),
    "bad_right_number": N_("“%(value)s” is not the number of a right."),
    "counts_differ": N_("%(numbers)s patent numbers, but %(values)s values: give one for each, or one for all."),
    "ip_kind_differs": N_("The number “%(value)s” belongs to another kind of right."),
    "ip_kind_unclear": N_("The kind of right of “%(value)s” is not clear. Name it."),
    "example_row": N_("This is the template's example; it is left out."),
    "heading_row": N_("The headings once more; they are left out."),
    "total_row": N_("A line of totals; it is left out."),
    "footer_row": N_("A remark or signature below the table; it is left out."),
    "repeated_row": N_("The same as row %(row)s of this sheet; it is left out."),
    "no_change": N_("Nothing new against %(number)s; it is left out."),
    "updates": N_("Changes %(number)s."),
    "exists": N_("%(number)s is already there and stays as it is; the row is left out."),
    "near_entry": N_("Much like %(number)s (%(percent)s %% of the wording)."),
    "near_row": N_("Much like row %(row)s of this sheet (%(percent)s %% of the wording)."),
    "same_right_entry": N_("The right %(value)s is named by %(number)s already, under another title."),
    "same_right_row": N_("The right %(value)s is named by row %(row)s already, under another title."),
    "withdrawn": N_("%(number)s was withdrawn by its owner; it is left out."),
    "may_not_change": N_("%(number)s is already there and not yours to change."),
    "known_as": N_("Known here as “%(value)s”."),
    "owner_new": N_("A new organisation: it is entered as unclaimed."),
    "owner_gone": N_("The organisation has been removed since the preview."),
    "not_your_organisation": N_("You can import for your own organisation only."),
    "not_your_zone": N_("The zone “%(value)s” is not yours."),
    "zone_differs": N_("This organisation belongs to “%(value)s”."),
    "made_since_plan": N_("Somebody posted this as %(number)s since the preview; it is left out."),
    "changed_since_plan": N_("Somebody changed this entry since the preview; it is left out. Import the sheet again."),
    "target_gone": N_("The entry has changed since the preview; it is left out. Import the sheet again."),
    "kept_edited": N_("People have changed it since; it stays as it is now."),
    "kept_judged": N_("People have graded it in a pair since; it stays as it is now."),
    "kept_in_use": N_("Something else is built on it by now; it stays as it is."),
    "kept_not_yours": N_("It is no longer in your charge; it stays as it is."),
    "too_many_imports": N_("At most %(limit)s imports at once. Wait until one has ended."),
}

VERDICTS: Final = {
    "new": NP_("row of a sheet", "New"),
    "update": NP_("row of a sheet", "Update"),
    "skip": NP_("row of a sheet", "Skipped"),
    "error": NP_("row of a sheet", "Error"),
    "flagged": NP_("row of a sheet", "Much alike"),
    "kept": NP_("row of a sheet", "Left in place"),
}

OUTCOMES: Final = {
    "removed": NP_("row of a sheet", "taken back"),
    "restored": NP_("row of a sheet", "as before"),
    "kept": NP_("row of a sheet", "stays"),
}

STATES: Final = {
    "asking": NP_("import", "Asks something"),
    "reading": NP_("import", "Being read"),
    "planned": NP_("import", "Waits for you"),
    "committing": NP_("import", "Being written"),
    "done": NP_("import", "Done"),
    "failed": NP_("import", "Stopped"),
    "cancelled": NP_("import", "Cancelled"),
    "replaced": NP_("import", "Planned anew"),
    "undoing": NP_("import", "Being undone"),
    "undone": NP_("import", "Undone"),
}

UNITS: Final = dict(zip(layout.UNITS, (NP_("unit of money", "10,000 yuan"), NP_("unit of money", "yuan")), strict=True))
