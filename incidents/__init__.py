"""What is true and what is owed: facts, judgement, clocks, the case and its record. It decides; it speaks to nobody."""
