"""What the line says and decides: flows, the dialogue machine, understanding, slots and languages."""
