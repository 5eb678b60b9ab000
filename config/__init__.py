"""The choices: the environment, the organisation, the authorities, the data we keep, and the laws as dated files.

Only flows reads it, and it knows nothing of a case.
"""
