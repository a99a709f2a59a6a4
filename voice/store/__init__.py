"""What outlives a call: the event log, tickets and packets, in a database; and the bus for live notices."""
