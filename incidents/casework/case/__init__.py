"""The life of a case: opened, aware, assessed, decided, contained, closed, and its timeline.

It sends nothing and writes no report.
"""
