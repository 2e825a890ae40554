"""What several layers of the science compute with: parallel work, compilation, memory, id look-up, sums, digests."""
