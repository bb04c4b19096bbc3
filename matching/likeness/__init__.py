"""How alike two texts of one kind are, and what they differ in: fingerprints that find candidates, and the verdict. Pure."""
