"""Reading for screens, lists and papers: one module for each view, each with a fixed number of SELECTs.

Views know how rows become frozen values, for one case or for many; they write nothing and know no command and no page.
"""
