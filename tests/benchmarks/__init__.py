"""What a decision costs, beside code written by hand and beside the engines one could install instead.

`python -m tests.benchmarks` from the root of the repository, with `pip install -e .[bench]`.
"""
