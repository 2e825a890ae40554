"""A simulated Hub: seeded, without network, calibrated to what is known of the real one.

The modules, in the order in which ideas flow:

- `calibration`: the figures that it is calibrated to.
- `setting`: which of all simulated Hubs, by size and seed, and its streams of random numbers.
- `population`: when models appear and when they vanish.
- `derivation`: who derives from whom, and how.
- `metadata`: domain, size, task, library, packaging, benchmark results, downloads and likes.
- `names`: who publishes each model and what it is called.
- `declarations`: what models say of their parents, and how their cards write it.
- `simulation`: all of that together, the history of one Hub.
- `listing`: the Hub's listing on a day.
- `truth`: who truly derives from whom, to measure a parser of declarations against.
- `source`: crawls of it, a source like any other.
- `service`: the same Hub over HTTP.
"""
