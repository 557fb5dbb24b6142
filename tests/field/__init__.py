"""Real deployments of Triton that other people wrote, as entries of ours: what can be said, and what `validate` says.

Each file is one public deployment: where it was found, its facts in our own words, and the model entry that says the
same. `said` is `typed` where typed keys say all that matters, `trick` where something else had to help (podTemplate, an
extra object, a shell), and `not` where the entry is not what they run; `gaps` and `tricks` name what.
"""
