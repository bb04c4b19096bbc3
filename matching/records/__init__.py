"""The reference data as records that staff own: one declarative editor for all kinds, its history, and zones' decisions.

`kinds` is the table of what there is, `values` reads and checks the fields of a record, `editor` holds the use-cases,
`history` what was changed by whom, `decisions` how a zone settles on its industry.
"""
