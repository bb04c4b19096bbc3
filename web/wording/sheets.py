"""What our sheets say beside the agreed headings: the guide of a template, and the columns of an error sheet."""

from typing import Final

from web.i18n import N_, NP_

GUIDE: Final = NP_("name of a sheet", "How to fill in")
SHEETS: Final = {"result": NP_("name of a sheet", "Results"), "need": NP_("name of a sheet", "Needs")}
LINES: Final = (
    N_("One row for each; name and organisation are needed, of a result also the description, of a need what is needed."),
    N_("Cooperation, strategic industry, patent numbers and others take several values, with 、 between them."),
    N_("A price is a number, a range (60-120), or the word for negotiable; the unit stands in the heading."),
    N_("Days are 2025-06 or 2025-06-01; the period of validity can also be told in years or months."),
    N_("Maturity is one of the names at the right, or TRL 6."),
    N_("What is imported again under the same name for the same organisation is an update; empty cells change nothing."),
    N_(
        "Floor price, price agreed, transferee and service fee are for your organisation and the zone in charge: "
        "not public, not searched, not matched."
    ),
    N_("Pictures and films are addresses, one a line."),
    N_("Contact data are for your organisation alone: not public, not searched."),
)
HEADING: Final = N_("Heading")
MEANING: Final = N_("What it means")
NUMBER: Final = N_("Row of the file")
REASONS: Final = N_("Import problems")
