"""`python -m mdi_pipeline` is `mdi`."""

from mdi_pipeline.cli.main import main

main()
