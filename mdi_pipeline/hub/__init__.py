"""Where metadata comes from: one interface, several sources, canonical records out."""
