"""Other words for the kinds of data in the table: national names of numbers, everyday names, plurals, fillers.

A word is only taken for a row where it means the same or less; whatever is doubtful stays unknown, and unknown is
treated with caution.
"""

from __future__ import annotations

import re
from itertools import pairwise

_SAME: dict[str, str] = {
    # Who somebody is, and how to reach them.
    "name": "first_name last_name surname forename given_name family_name full_name maiden_name names_and_surnames",
    "email": "e_mail mail_address email_address e_mail_address business_email work_email",
    "address": "home_address new_address postal_address delivery_address shipping_address billing_address street"
               " residence postcode postal_code zip_code city place_of_residence house_number",
    "phone": "telephone mobile mobile_phone landline fax msisdn",
    "contact": "contact_details customer_list client_list address_book",
    "username": "user_name login_name nickname screen_name handle",
    "company": "employer job_title position profession occupation department business_card",
    "sex": "age salutation title",
    "family": "family_members parents_names parents_name number_of_children dependants household next_of_kin",
    "civil_status": "marital_status",
    "birth_date": "date_of_birth dob birthday birth_year year_of_birth",
    "birth_place": "place_of_birth",
    "plate_number": "licence_plate license_plate number_plate plate registration_plate vehicle_registration",
    "photo": "photograph image picture portrait profile_picture",
    "voice_recording": "voice call_recording audio audio_recording telephone_recording",
    "video_recording": "video cctv webcam footage surveillance_footage",
    "customer_number": "client_number member_number membership_number employee_number student_number policy_number"
                       " contract_number file_number case_number customer_id client_id reference_number",
    "pseudonym": "pseudonymous_id",
    # Numbers of the state, by the names they have at home (recital 75 GDPR).
    "national_id": "pesel cnp bsn personnummer personal_number personal_identity_code personal_identity_number cpr"
                   " fodselsnummer fnr henkilotunnus hetu oib egn emso jmbg rodne_cislo birth_number isikukood amka pps"
                   " ppsn tckn dni nie nif nir national_register national_registration national_identification"
                   " national_identity identity_number id_number identification_number civil_registration"
                   " personal_identification_number personal_id identity_code cedula national_identifier",
    "fiscal_code": "codice_fiscale tax_code tax_number steuer_id steuernummer vkn afm nip",
    "social_security_number": "social_security national_insurance insurance_number health_insurance_number niss nss"
                              " social_insurance ssn sozialversicherungsnummer insured_person_number",
    "id_card_number": "id_card identity_card id_card_series_and_number document_number passport_number",
    "id_document": "passport_copy passport_scan id_copy id_scan identity_document identity_paper"
                   " photo_id birth_certificate identification_document copy_of_id scan_of_id residence_permit visa",
    "driving_licence": "driving_license drivers_license driver_licence driver_license",
    # Work, school, life.
    "education": "grade grades mark marks exam_result examination_result school_report study diploma degree",
    "employment": "employment_certificate work_history career experience qualification",
    "cv": "curriculum_vitae resume job_application application_form application_document cover_letter",
    "appraisal": "performance_review",
    # What somebody does.
    "order": "return order_number order_content product delivery_note parcel",
    "purchase_history": "purchase shopping_history order_detail",
    "booking": "reservation travel itinerary trip flight stay",
    "ip_address": "ip",
    "device_id": "device",
    "usage": "review newsletter newsletter_subscription",
    "location": "gps geolocation movement whereabouts tracking route",
    "telecom_traffic": "call_data call_log call_history call_detail traffic traffic_data connection_data metadata",
    "correspondence": "message sms email_content mailbox letter_content chat chat_content",
    "food_preferences": "food_preference meal meal_preference menu_choice food_intolerance lactose_intolerance",
    # Money.
    "salary": "pay remuneration",
    "payslip": "payroll pay_slip wage_slip salary_slip",
    "bank_account": "bank bank_detail account_number bank_account_number sort_code bic",
    "transactions": "transaction account_balance bank_statement account_statement payment payment_history",
    "billing": "bill telephone_bill",
    "income": "earning pension benefit social_benefit welfare asset asset_declaration declaration_of_assets",
    "debts": "debt arrears insolvency enforcement loan credit mortgage",
    "credit_score": "credit_rating scoring creditworthiness",
    "tax_return": "tax_declaration income_tax tax_assessment tax_file",
    "payment_card": "card credit_card debit_card credit_card_number card_number cvv cvc pan payment_detail",
    "financial_access": "online_banking bank_login pin banking_credential",
    # Ways into accounts.
    "credentials": "credential login login_data access_data access_code passcode authentication_data",
    "password": "plaintext_password plain_text_password initial_password",
    "hashed_password": "password_hash hash_of_password salted_password bcrypt_hash",
    "security_question": "secret_question mothers_maiden_name security_answer",
    # Arts. 9 and 10 GDPR.
    "health": "medical medical_image medical_note medical_record medical_history medical_file patient_record"
              " patient_file health_record diagnosis"
              " diagnoses disease illness prescription medication medicine treatment therapy therapy_note pathology"
              " pathologies sick_leave sickness sickness_absence sick_note test_result lab_result laboratory_result"
              " blood blood_group vaccination covid pregnancy maternity doctor doctor_name psychological psychiatric"
              " mental_health addiction hiv allergy medical_report medical_certificate x_ray referral",
    "disability": "disabled handicap degree_of_disability",
    "genetic": "dna",
    "biometric": "fingerprint face_template facial_recognition iris voiceprint",
    "political_opinion": "political political_view party_membership party_affiliation voting_intention",
    "religion": "religious faith denomination church_membership church_tax religious_belief",
    "belief": "philosophical_belief conviction_of_belief",
    "trade_union": "union trade_union_membership union_membership union_dues",
    "sex_life": "sexual sexuality sexual_preference intimate nude_photo",
    "sexual_orientation": "orientation_sexual",
    "ethnic_origin": "ethnicity race racial racial_origin ethnic",
    "criminal": "criminal_record criminal_conviction conviction offence offense crime criminal_proceeding police_record"
                " police_report prosecution sentence suspicion_of_crime judgment",
    # Where somebody hides.
    "protected_address": "secret_address confidential_address shelter_address address_protection",
}  # fmt: skip

ALIASES: dict[str, str] = {word: slug for slug, words in _SAME.items() for word in words.split()}
"""Word to row of the table."""

# ``health_data`` is health, ``customer_names`` are names. Nothing stands here that could make data graver or milder.
_SAYING_NOTHING = """
a an business client clients copies copy customer customers data detail details employee employees file files full
info information list lists number numbers of record records scan scans some subscriber subscribers the user users work
"""
_FILLERS = frozenset(_SAYING_NOTHING.split())
"""Parts of a word that do not change which data are meant."""


def parts(word: str) -> tuple[str, ...]:
    """Divide ``name_and_address`` into the words it joins; one word stays one."""
    # "or" as well: where either may be meant, the graver of both counts (data_kinds.py joins by the gravest).
    return tuple(part for part in re.split(r"_(?:and|or|with|plus)_", word) if part)


def spellings(word: str) -> tuple[str, ...]:
    """Give the ways a word may stand in the table, the word itself first: as an alias, singular, without fillers."""
    # The word as it stands comes first, so that a row whose name ends in s is not taken for a plural.
    singular = "_".join(_singular(token) for token in word.split("_"))
    bare = "_".join(token for token in word.split("_") if token not in _FILLERS)
    both = "_".join(_singular(token) for token in bare.split("_"))
    forms = [form for form in (word, singular, bare, both) if form]
    return tuple(dict.fromkeys(spelling for form in forms for spelling in (form, ALIASES.get(form, form))))


def tokens(word: str) -> tuple[str, ...]:
    """Every single word, and every pair of neighbours, inside a longer one."""
    single = word.split("_")
    # ``bank_account`` is a row though neither ``bank`` nor ``account`` alone says the same.
    pairs = ["_".join(pair) for pair in pairwise(single)]
    return tuple(dict.fromkeys(token for token in (*single, *pairs) if token != word))


def _singular(token: str) -> str:
    if re.search(r"..ies$", token):
        return f"{token[:-3]}y"
    # ``addresses``, ``faxes``, ``watches``.
    if token.endswith(("sses", "xes", "ches", "shes")):
        return token[:-2]
    # Not ``address``, ``status``, ``diagnosis``. A wrong singular finds no row, and then the kind is unknown: the safe
    # side.
    return token[:-1] if re.search(r".[^sui]s$", token) else token
