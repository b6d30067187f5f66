"""Nodes to Narwhals: conditions as expressions over the columns of a frame.

A condition becomes one nullable boolean expression: true, false, or null where it is unknown. `&`, `|` and `~` of every
engine are Kleene's on these; whatever else differs between engines at the edges is written out here (division by zero,
results beyond ±2^53, integers that would overflow, empty lists). What does not depend on a column is evaluated by the
reference interpreter while the expression is built, and only its result is in the expression.

Columns travel under names of our own making, normalized: a timestamp is an integer, the microseconds since 1970.
"""
