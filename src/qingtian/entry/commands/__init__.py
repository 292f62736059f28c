"""One module a command. Each has ``SUMMARY``, ``EXAMPLES``, ``add_arguments(parser)`` and ``run(args) -> int``.

The module's name is the command's name. Nothing else has to be edited to add a command.
"""
