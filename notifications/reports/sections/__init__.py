"""The sections of a report, each made from the case file as blocks.

No format is known here: HTML and Markdown are the writer's concern.
"""
