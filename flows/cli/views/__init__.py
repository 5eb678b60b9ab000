"""What longer answers look like on a terminal, and their JSON keys.

A view knows no command.
"""
