"""Fuzzing: what comes from outside is read without a crash, whatever it is, and means what it means twice.

A target is a function of bytes that raises where a promise does not hold (`targets.py`). The usual run of the tests
tries it on `corpus/<target>`, which holds what fuzzing found worth keeping; `python -m tests.fuzz TARGET` looks for
more, led by coverage (atheris).
"""
