"""Triton Fleet's tests."""
