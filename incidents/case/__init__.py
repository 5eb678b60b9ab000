"""One case as a frozen value: its stages, what is still missing, who acts next.

It reads no row and changes nothing; queries fill it and casework changes the record.
"""
