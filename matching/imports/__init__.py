"""Sheets of results and needs: read, planned row by row, and committed through the same rules as forms.

upload → `staging` (what the file is, its headings, its rows as text) → `batches.begin` → `import_read` job (`plan`) → a person
looks at the plan → `batches.commit` → `import_commit` jobs (`commit`). The plan is immutable: what was shown is what is done.
"""
