"""Commands that help to write a scope file: scope template, schema scope."""

from __future__ import annotations

import json

from flows.cli import options, say

app = options.commands()
_scope = options.group("scope", "Write a scope file to start from.")
_schema = options.group("schema", "Print the JSON Schema of a scope file.")
app.add_typer(_scope)
app.add_typer(_schema)

TEMPLATE = """\
# What is known of a breach. Fill in what you know and leave out what you do not: a missing line means "not stated",
# never "no". Then: tocsin assess REF --file scope.yaml   (or, without a case: tocsin advise --file scope.yaml)

summary: >-                       # what happened, in two or three plain sentences, without names of people
  Describe what happened.

# account:                        # the same in the words of a letter, by language; English is used where one is missing
#   de: ...
# occurred_from: 2026-11-17T02:00:00Z
# occurred_to: 2026-11-18T01:30:00Z
ongoing: unknown                  # yes, no, unknown
discovery: unknown                # own_detection, processor, data_subject, external_party, press, other
# cause:
#   nature: misconfiguration      # hacking, ransomware, phishing, misdelivery, loss, theft, human_error ...
#   actor: unknown                # external, insider, none, unknown
#   malicious: unknown
# systems: [object storage]
# cross_border: unknown

data_sets:                        # one for each group of people and role
  - name: merchant accounts
    role: controller              # controller: our merchants' own data; processor: their customers' data
    subjects: [merchants]         # customers, employees, children, patients ...
    kinds: [name, email]          # phone, address, hashed_password, payment_card, bank_account, health ...
    people: unknown               # 1200, {about: 1200}, {min: 24, max: 60} or unknown
    records: unknown
    # countries: {DE: 1000, FR: 200}      # or [DE, FR]
    breach: [confidentiality]     # integrity, availability
    special_categories: unknown   # data of Art. 9 or 10 GDPR
    vulnerable: unknown           # children, patients, people in need of protection
    protection:
      encryption: unknown         # none, state_of_the_art, weak, hashed_salted, hashed, device, pseudonymised
      key: unknown                # safe, compromised
    exfiltration: unknown         # none_proven (complete logs show it), possible, confirmed
    # exfiltration_known_from: complete access logs
    published: unknown            # reachable by the public at large
    # recipients:                 # where the wrong recipients are known
    #   who: another customer
    #   count: 1
    #   trusted: unknown
    #   deletion: unknown
    # backup: not_applicable      # where data became unavailable: full_fast, full_slow, partial, none
    # effect: unknown             # none, minor, serious, critical

# likely_consequences: [phishing] # identity_theft, fraud, spam ...
# measures_taken: [access_closed] # passwords_reset, keys_rotated, logs_secured ...
# measures_proposed: []
# advice: [beware_of_phishing]    # change_password, watch_statements ...
# high_risk_averted_by: ...       # Art. 34(3)(b)
# direct_contact_disproportionate: ...    # Art. 34(3)(c)
# next_update: 2026-11-25T09:00:00Z
"""


@_scope.command()
def template(as_json: options.AsJson = False) -> None:
    """Write a commented scope file to standard output: tocsin scope template > scope.yaml."""
    if as_json:
        say.answer({"template": TEMPLATE})
        return
    say.out(TEMPLATE.rstrip("\n"))


@_scope.callback()
def _of_scope() -> None:
    """Write a scope file to start from."""


@_schema.callback()
def _of_schema() -> None:
    """Print the JSON Schema of a scope file."""


@_schema.command("scope")
def schema_scope(as_json: options.AsJson = False) -> None:
    """Print the JSON Schema of a scope file, for editors and checks; it is JSON with or without --json."""
    del as_json
    from incidents.facts import Facts

    say.out(json.dumps(Facts.model_json_schema(), indent=2))
