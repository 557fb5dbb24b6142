"""Outcomes as text, one module for each: problems, changes, an explanation, releases, requirements."""
