"""Every write of planning that has a rule, by subject: waves, assignments, blocking, scenarios."""
