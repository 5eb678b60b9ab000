"""The table of commands: which there are, in which module each lives, and one line on what it does.

Names only, so that `tocsin --help` and finding one command import nothing else; a test holds it to the modules.
"""

from __future__ import annotations

from typing import Final

CommandEntry = tuple[str, str, str]
"""Command, module under flows.cli, what it does."""

SECTIONS: Final[dict[str, tuple[CommandEntry, ...]]] = {
    "A case": (
        ("open", "case", "Record a suspected incident; a worst-case clock starts, the on-call person is paged"),
        ("list", "show", "Show the open cases, the most urgent first"),
        ("show", "show", "Show one case on one screen: time left, who acts next and how"),
        ("log", "case", "Add a line to the timeline"),
        ("contain", "case", "Record that the breach no longer goes on"),
        ("hand-over", "case", "Give the lead of a case to another person"),
    ),
    "The clocks": (
        ("aware", "deadlines", "Start the legal clock, or correct it with a reason"),
        ("deadlines", "deadlines", "Show what is owed, by due time; --check answers by exit code"),
        ("ack", "deadlines", "Say that a person has seen the alerts"),
        ("clock", "clock", "Explain a clock, or compute a due time without any case"),
        ("late", "obligations", "Record why a notification is late, before it is filed"),
        ("waive", "obligations", "Record that one obligation is not owed, and why"),
    ),
    "Judging and deciding": (
        ("assess", "assess", "Record what is known; get a score and a proposal with reasons"),
        ("decide", "assess", "Record what a person decided: whom to notify, and why"),
        ("advise", "assess", "Judge a scope file without any case; nothing is stored"),
        ("scope", "scope", "Write a scope file to start from; list the data we keep"),
        ("schema", "scope", "Print the JSON Schema of a scope file"),
        ("regimes", "regimes", "List the laws there are, show one with its citations, or check their files"),
        ("authorities", "authorities", "List the supervisory authorities, or show the one of a place and its form"),
    ),
    "Words": (
        ("drafts", "drafts", "Show what would be said, and what is missing or not approved"),
        (
            "preview",
            "drafts",
            "Read one draft: its text on standard output and nothing else, its hash and check beside it",
        ),
        ("edit", "drafts", "Change a draft's text, take a change back, or mark an element as following later"),
        ("approve", "drafts", "Approve exactly what was read, as the second person"),
    ),
    "Telling": (
        ("people", "communication", "Import the list of affected people; see and settle what became of their letters"),
        (
            "merchants",
            "communication",
            "Import the list of merchants that must be noticed; settle their notices",
        ),
        ("send", "communication", "Order the approved letters to be sent"),
        ("hold", "stops", "Stop every letter of a case at once, whoever sends them"),
        ("release", "stops", "Let letters go on that another person stopped"),
        (
            "published",
            "public_notice",
            "Record the public communication that takes the place of letters (Art. 34(3)(c))",
        ),
        ("pack", "pack", "Write what the authority's form asks, filled from the record, with what is missing"),
        ("submit", "submit", "Record that an authority was notified; Tocsin itself sends it nothing"),
        ("question", "obligations", "Record what an authority asks and until when; the answer is owed from then on"),
        ("answer", "obligations", "Record what an authority was answered"),
        ("respond", "service", "Do now, without the service, all that can be done for a case"),
    ),
    "Endings and papers": (
        ("close", "close", "Close a case in which nothing is owed any more"),
        ("dismiss", "close", "Record that it was no personal data breach, with reasons"),
        ("reopen", "close", "Take a closed or dismissed case up again"),
        ("report", "close", "Write the post-incident report"),
        ("register", "close", "Write the register of all breaches (Art. 33(5) GDPR)"),
    ),
    "Trust": (
        (
            "verify",
            "audit",
            "Check the audit chain, every row and list it vouches for, and every file of evidence",
        ),
        ("audit", "audit", "Show the entries of the audit log"),
        ("user", "access", "Add people and their roles, list them, or disable one"),
        ("token", "access", "Create or revoke personal tokens"),
        ("key", "keys", "Show which master key this database has, or put a new one in its place"),
    ),
    "Running it": (
        ("serve", "service", "Run everything: heartbeat, flows, health checks"),
        ("heartbeat", "service", "Let the clock look once: raise, send and escalate alerts (for cron)"),
        ("drill", "service", "Play a whole case through with a fast clock, in a throw-away home"),
        ("doctor", "service", "Say what is not in order, and how to mend it"),
        ("migrate", "service", "Bring the database to this version's schema"),
        ("channel", "service", "Send a test page through one channel"),
    ),
}

MODULE_OF: Final[dict[str, str]] = {name: module for lines in SECTIONS.values() for name, module, _ in lines}
