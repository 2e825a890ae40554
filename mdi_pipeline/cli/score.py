"""`mdi score`: the indices of any temporal graph."""
