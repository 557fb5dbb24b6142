"""The command in every Python that it promises to run in."""
