"""A language model on a short lead: bounded, grounded, and never needed for a call to go on."""
