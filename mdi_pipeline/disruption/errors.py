"""What can be wrong with edges and models."""


class GraphError(ValueError):
    """Edges and models do not make a temporal graph; the message says what is wrong and what to do."""


class FileError(GraphError):
    """A file of edges, models or scores cannot be read or written; the message names it and says why."""
