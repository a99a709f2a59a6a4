"""One file per provider's wire protocol, without I/O: bytes in, values out, and back."""
