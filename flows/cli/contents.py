"""The table of commands: which there are, in which module each lives, and one line on what it does.

Knows names only, so that `tocsin --help` and finding one command import nothing else; a test holds it to the modules.
"""

from __future__ import annotations

from typing import Final

Line = tuple[str, str, str]
"""Command, module under flows.cli, what it does."""

SECTIONS: Final[dict[str, tuple[Line, ...]]] = {
    "A case": (
        ("open", "case", "Record a suspected incident; a worst-case clock starts, the on-call person is paged"),
        ("list", "looking", "Show the open cases, the most urgent first"),
        ("show", "looking", "Show one case: time left, who has the ball, what comes next, and the timeline"),
        ("log", "case", "Add a line to the timeline"),
        ("contain", "case", "Record that the breach no longer goes on"),
        ("hand-over", "case", "Give the lead of a case to another person"),
    ),
    "The clocks": (
        ("aware", "clockwork", "Start the legal clock, or correct it with a reason"),
        ("deadlines", "clockwork", "Show what is owed, by due time; --check answers by exit code"),
        ("ack", "clockwork", "Say that a person has seen the alerts"),
        ("clock", "clock", "Explain a clock, or compute a due time without any case"),
        ("waive", "owing", "Record that one obligation is not owed, and why"),
    ),
    "Judging and deciding": (
        ("assess", "judgement", "Record what is known; get a score and a proposal with reasons"),
        ("decide", "judgement", "Record what a person decided: whom to notify, and why"),
        ("advise", "judgement", "Judge a scope file without any case; nothing is stored"),
        ("scope", "scope", "Write a scope file to start from; list the data we keep"),
        ("schema", "scope", "Print the JSON Schema of a scope file"),
        ("regimes", "regimes", "List the laws there are, show one with its citations, or check their files"),
        ("authorities", "authorities", "List the supervisory authorities, or show the one of a place and its form"),
    ),
    "Words": (
        ("drafts", "words", "Show what would be said, and what is missing or not approved"),
        ("preview", "words", "Read one draft with its hash and its check"),
        ("edit", "words", "Replace a draft's text, or mark an element as following later"),
        ("approve", "words", "Approve exactly what was read, as the second person"),
    ),
    "Telling": (
        ("people", "telling", "Import the list of affected people; see what became of their letters"),
        ("merchants", "telling", "Import the list of merchants that must be noticed"),
        ("send", "telling", "Order the approved letters to be sent"),
        ("published", "publicity", "Record the public communication that takes the place of letters (Art. 34(3)(c))"),
        ("pack", "packs", "Write what the authority's form asks, filled from the record, with what is missing"),
        ("submit", "filing", "Record that an authority was notified; Tocsin itself sends it nothing"),
        ("question", "owing", "Record what an authority asks and until when; the answer is owed from then on"),
        ("answer", "owing", "Record what an authority was answered"),
        ("respond", "running", "Do now, without the service, all that can be done for a case"),
    ),
    "Endings and papers": (
        ("close", "ending", "Close a case in which nothing is owed any more"),
        ("dismiss", "ending", "Record that it was no personal data breach, with reasons"),
        ("reopen", "ending", "Take a closed or dismissed case up again"),
        ("report", "ending", "Write the post-incident report"),
        ("register", "ending", "Write the register of all breaches (Art. 33(5) GDPR)"),
    ),
    "Trust": (
        ("verify", "trust", "Check the audit chain and every file kept as evidence"),
        ("user", "trust", "Add people and their roles, list them, or disable one"),
        ("token", "trust", "Create or revoke personal tokens"),
    ),
    "Running it": (
        ("serve", "running", "Run everything: heartbeat, flows, web"),
        ("heartbeat", "running", "Let the clock look once: raise, send and escalate alerts (for cron)"),
        ("drill", "running", "Play a whole case through with a fast clock, in a throw-away home"),
        ("doctor", "running", "Say what is not in order, and how to mend it"),
        ("migrate", "running", "Bring the database to this version's schema"),
        ("channel", "running", "Send a test page through one channel"),
    ),
}

MODULE_OF: Final[dict[str, str]] = {name: module for lines in SECTIONS.values() for name, module, _ in lines}
