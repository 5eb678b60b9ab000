"""SQLModel rows: what is stored. They do not validate; values are checked at the edge before a row is built.

Importing this package makes every table known, so that a database is prepared and migrated whole.
"""

from incidents.storage.tables import access, case, communication, obligations

TABLES = (access, case, communication, obligations)
"""The modules of rows; named, so that no import that only makes tables known looks unused."""
