"""Tables of wording, by what they word."""
