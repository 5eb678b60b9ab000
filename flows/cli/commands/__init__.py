"""The commands, a module for each subject. What they share is in `options` and `context`.

A command knows no SQL, and longer output is laid out in views.
"""
