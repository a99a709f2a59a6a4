"""What the line says and decides: flows, the dialogue machine, understanding, repair and friction."""
