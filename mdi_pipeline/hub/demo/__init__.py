"""A simulated Hub: seeded, without network, calibrated to what is known of the real one.

Ideas flow through the modules in this order: `population` (when models appear and vanish),
`derivation` (which models derive, and how), `prominence` (which are built upon, and how much),
`traits` (task and size), `attachment` (who derives from whom), `publishers`, `naming`, `declarations`
(what a model says of its parents), `metadata` (its other fields), `history` (the listing of a day),
`source` (crawls). `calibration` holds the figures.
"""


