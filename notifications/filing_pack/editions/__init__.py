"""A filing pack written as a page, as Markdown and as JSON.

No answer is changed or added here.
"""
