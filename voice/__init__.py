"""Centralita: an open voice IVR and virtual-agent server that answers, understands and hands over."""

import os

__version__ = "0.1.0"

# numpy reads it when it is first imported. Our matrices are small: with a thread a core, learning the
# telecom line's wishes took 1.0 s on two cores instead of 0.3 s, and the cores are for calls.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
