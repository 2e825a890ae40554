"""A home: the folder of one family of crawls, its settings, and the source that they come from."""
