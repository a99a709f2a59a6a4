"""The command line's sub-commands. Each module has a docstring (its ``--help``), ``add_arguments(parser)``
and ``run(args) -> int``."""
