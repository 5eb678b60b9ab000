"""What we say, and proof that we said it: recipients, letters, the outbox and the ways out."""
