"""Stand-ins for Pulumi resource plugins, for a machine that cannot fetch the real ones.

The real engine starts them and speaks its own protocol to them. They are meant to behave as the plugins of the
versions in ``install.py`` do, bad sides included; what each leaves out stands in its own docstring. Where the real
plugin can be had, nothing of this package runs.
"""
