"""Matching room: the business. Tables, access rules, use-cases, pairing, stages, projections. No HTTP, no templates."""
