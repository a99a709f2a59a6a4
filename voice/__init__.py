"""Centralita: an open voice IVR and virtual-agent server that answers, understands and hands over."""

__version__ = "0.1.0"
