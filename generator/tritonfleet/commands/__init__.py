"""One module for each command: it reads arguments, calls the stages in order, prints, and returns the exit code."""
