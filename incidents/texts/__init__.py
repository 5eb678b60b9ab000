"""The sentences that the software itself makes, each with a stable code and in English.

How they read in other languages is for notifications; what made them necessary is for whoever asks for one.
"""
