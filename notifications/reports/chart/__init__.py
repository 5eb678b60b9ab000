"""The timeline picture of a report: which events it shows, and where each of them lies.

It draws no SVG itself; the template does.
"""
