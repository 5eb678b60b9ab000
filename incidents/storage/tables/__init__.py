"""The rows as SQLModel classes, a module for each subject; importing this package makes every table known.

Rows do not validate: values are checked at the edge before a row is built.
"""

from incidents.storage.tables import access, case, communication, obligations, stops

TABLES = (access, case, communication, obligations, stops)
"""The modules of rows; named, so that no import that only makes tables known looks unused."""
