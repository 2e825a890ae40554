"""The command line `mdi`: one module a command, each imported when it is called."""
