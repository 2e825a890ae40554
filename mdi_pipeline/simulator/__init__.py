"""A simulated Hub: seeded, without network, calibrated to what is known of the real one.

Ideas flow through the modules in this order: `population` (when models appear and vanish),
`derivation` (which models derive, and how), `prominence` (which are built upon, and how much),
`traits` (task and size), `attachment` (who derives from whom), `publishers`, `packaging`, `naming`,
`declarations` (what a model says of its parents), `metadata` and `popularity` (its other fields),
`simulation` (all of that together), `history` (the listing of a day), `truth` (who derives from whom),
`source` (crawls). `calibration` holds the figures, `setting` the seed, `market` how attention is shared
out, `mistakes` the noise in declarations, `card`, `identifiers` and `vocabulary` what things look like.
"""
