"""What is true of a breach and what is owed because of it: facts, law, assessment, deadlines, the case and its record.

It speaks to nobody: no mail, no web page, no Prefect and no configuration file is known here.
"""
