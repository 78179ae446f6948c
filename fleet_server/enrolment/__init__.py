"""Who belongs to the fleet: certificates, one-time codes, revocation, and what the broker lets each dog say."""
