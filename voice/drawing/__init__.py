"""A flow as a picture: what is drawn (``chart``), where (``layout``), and as which file (``svg``)."""
