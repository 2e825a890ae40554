"""The words and bounds that several tables and the code around them share.

They stand apart from the schemas, whose library takes longer to import than a look-up takes.
"""

from datetime import UTC, datetime

HUB_FLOOR = datetime(2022, 3, 2, 23, 29, 5, tzinfo=UTC)
"""Models whose creation time is not later are older than the Hub's record of creation times."""

RELATIONS = ("finetune", "adapter", "merge", "quantized")
"""The ways of deriving that the Hub knows, as its tags write them."""

PHASES = ("hub", "tag", "card", "config", "name")
"""The kinds of evidence for an edge, strongest first."""

RESOLUTIONS = ("exact", "case", "alias", "unresolved")
"""How a declared parent's id was matched to a known id."""

SIZE_CLASSES = ("<1B", "1-3B", "3-10B", "10-30B", "30-100B", ">=100B")
"""Classes of parameter counts; a bound belongs to the class above it."""

PARENT_COUNTS = ("1", "2", "3", "4+")
"""How many parents a model has."""

BENCHMARKS = ("reported", "none reported")
"""Whether a model reports benchmark results of its own."""

AUTHOR_MODELS = ("none", "1 to 9", "10 to 99", "100 to 999", "1,000 or more")
"""How many models an author had made before."""

AUTHOR_QUANTIZED = ("no model before", "none quantized", "up to half", "more than half")
"""What share of those was quantized."""

INDICES = ("mdi", "cd", "cd_nok", "mcd", "di5", "dep")
"""The indices of disruption, the headline first."""

SIGN_SHARES = ("share_negative", "share_zero", "share_positive")
"""The shares of models with an index below, at and above 0: measures in several tables."""

STATUSES = ("left_censored", "root", "censored", "undefined", "scored")
"""Whether a model's index counts; the first that fits, in this order."""

MIN_PRECISION = 0.9
"""What the lower end of an inference rule's precision must reach, for its edges to be in the default network."""
