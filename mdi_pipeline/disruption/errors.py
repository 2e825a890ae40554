"""What can be wrong with edges and models."""


class GraphError(ValueError):
    """Edges and models do not make a temporal graph; the message says what is wrong and what to do."""
