"""Commands that help to write a scope file: scope template, scope inventory, schema scope."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options, output

if TYPE_CHECKING:
    from config.inventory import Inventory, KeptData

app = options.commands()
_scope = options.group("scope", "Write a scope file to start from; list the data we keep.")
_schema = options.group("schema", "Print the JSON Schema of a scope file.")
app.add_typer(_scope)
app.add_typer(_schema)

# Written out and not made from the schema: order and comments are for a person at night, and tests read it
# back as facts. What is commented out is what most breaches have no answer to.
HEAD = """\
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
# undetected_days: 30             # how long it went unnoticed
# cause:
#   nature: misconfiguration      # hacking, ransomware, phishing, misdelivery, loss, theft, human_error ...
#   actor: unknown                # external, insider (on purpose), none (nobody on purpose), unknown
#   malicious: unknown
#   detail: ...
# source_party:                   # where it happened at a third party
#   kind: hosting                 # payment, carrier, analytics, affiliate (of our own group), other
#   who: the provider of our object storage
#   became_aware_at: 2026-11-17T09:00:00Z
#   told_us_at: 2026-11-18T01:00:00Z      # from then on we can be aware
# systems: [object storage]
# cross_border: unknown

data_sets:                        # one for each group of people and role
"""

ANY_SET = """\
  - name: merchant accounts
    role: controller              # controller: our merchants' own data; processor: their customers' data
    subjects: [merchants]         # customers, employees, children, patients ...
    kinds: [name, email]          # phone, national_id, id_document, credentials, hashed_password, payment_card,
                                  # bank_account, location, health, criminal ... any word is taken
"""

REST_OF_A_SET = """\
    people: unknown               # 1200, {about: 1200}, {min: 24, max: 60} or unknown
    records: unknown              # in the same forms
    # countries: {DE: 1000, FR: 200}      # or [DE, FR]
    breach: [confidentiality]     # integrity, availability
    special_categories: unknown   # data of Art. 9 or 10 GDPR
    # special_harmless: ...       # why a few people's health data can harm nobody: a food intolerance
    # joint_with: [the marketing partner]   # role joint_controller: the other joint controllers (Art. 26 GDPR)
    # sector: pharmacy            # where to be on the list tells something: a clinic, dating, a women's shelter
    vulnerable: unknown           # children, patients, people in need of protection
    protection:
      encryption: unknown         # none, state_of_the_art, weak, hashed_salted, hashed, device, pseudonymised
      key: unknown                # safe, compromised: key, salt, password or reference table
      # detail: AES-256, key in the hardware module
    exfiltration: unknown         # none_proven (complete logs show it), possible, confirmed
    # exfiltration_known_from: complete access logs
    published: unknown            # reachable by the public at large
    # public_before: unknown      # the same data were public before
    # recipients:                 # where the wrong recipients are known
    #   who: another customer
    #   count: 1
    #   trusted: unknown          # yes: bound by contract, office or secrecy; partly, no. Good will is not trust
    #   bound_by: professional secrecy
    #   feared: unknown           # yes: a former partner, a birth parent, whoever people hide from
    #   deletion: unknown         # attested (in writing), stated, asked, refused
    #   returned: unknown         # unopened, opened, recalled, no
    #   read: unknown
    # alteration: unknown         # where data were altered: none, restored, recoverable, unrecoverable
    # backup: unknown             # where data were missing: full_fast, full_slow, partial, none, encrypted_too
    # unavailable_hours: 4
    # effect: unknown             # what people feel: none, minor (late orders), serious (pay, access), critical (care)
    # effect_detail: payouts of two days came late
    # consequences_seen: []       # what has already happened to people: fraud, phishing, spam ...
    # identifiability: unknown    # ENISA: negligible, limited, significant, maximum
    # data_processing_context: 3  # ENISA: 1 to 4, where the usual one does not fit; then also:
    # context_because: customers of a pharmacy
"""

TAIL = """\

# likely_consequences: [phishing] # identity_theft, fraud, spam ...
# measures_taken: [access_closed] # passwords_reset, keys_rotated, logs_secured ...
# measures_proposed: []
# advice: [beware_of_phishing]    # change_password, watch_statements ...
# high_risk_averted_by: ...       # Art. 34(3)(b)
# direct_contact_disproportionate: ...    # Art. 34(3)(c)
# next_update: 2026-11-25T09:00:00Z
"""

Data = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="NAME", help="A set of data from `tocsin scope inventory`; may be given often."),
]


@_scope.command()
def template(data: Data = None, as_json: options.AsJson = False) -> None:
    """Write a commented scope file to standard output: tocsin scope template --data usage > scope.yaml."""
    names = list(dict.fromkeys(data or ()))
    # Without --data no file is read: the template must be there on a machine that has no home folder yet.
    inventory = _inventory() if names else None
    sets = [_prefilled(name, inventory.pick(name)) for name in names] if inventory else [ANY_SET]
    text = HEAD + "".join(data_set + REST_OF_A_SET for data_set in sets) + TAIL
    if as_json:
        output.answer({"template": text})
        return
    output.print_out(text.rstrip("\n"))


@_scope.command("inventory")
def show_inventory(as_json: options.AsJson = False) -> None:
    """List the data we keep, with role and kinds, to pick from: tocsin scope template --data NAME."""
    kept = _inventory().data
    if as_json:
        output.answer([{"name": name, **data.model_dump(mode="json")} for name, data in kept.items()])
        return
    for name, data in kept.items():
        output.print_out(f"{name} ({data.role.replace('_', ' ')}): {data.title}")
        output.print_out(output.wrapped(f"kinds: {', '.join(data.kinds)}", first="  "))
        output.print_out(output.wrapped(f"ENISA context {data.context}: {data.because}", first="  "))


def _inventory() -> Inventory:
    from config.inventory import find_inventory
    from config.settings import read_settings

    return find_inventory(read_settings())


def _prefilled(name: str, kept: KeptData) -> str:
    """Write the beginning of a data set as the inventory has it; the usual context stands beside it as a comment."""
    lines = (
        f"- name: {name}",
        f"  role: {kept.role}",
        f"  subjects: [{', '.join(kept.subjects)}]",
        f"  kinds: [{', '.join(kept.kinds)}]",
        f"  # usual ENISA context {kept.context}: {kept.because}",
    )
    return "".join(f"  {line}\n" for line in lines)


@_scope.callback()
def _of_scope() -> None:
    """Write a scope file to start from; list the data we keep."""


@_schema.callback()
def _of_schema() -> None:
    """Print the JSON Schema of a scope file."""


@_schema.command("scope")
def schema_scope(as_json: options.AsJson = False) -> None:
    """Print the JSON Schema of a scope file, for editors and checks; it is JSON with or without --json."""
    # Taken so that every command takes it, also this one, which answers in JSON anyhow.
    del as_json
    from incidents.facts.breach import Facts

    output.print_out(json.dumps(Facts.model_json_schema(), indent=2))
