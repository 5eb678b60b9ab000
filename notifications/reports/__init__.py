"""The papers of a case: the post-incident report and the register. Start reading in writer.py."""
