"""The queue of callers who wait for a person: tickets, agents, and the packet that goes with them."""
