"""The post-incident report and the register as documents. Start reading in `writer.py`.

A report is made from the case file alone; it asks no database and changes nothing.
"""
