"""Commands for a cluster that runs: what has drifted, what its logs say. `pulumi up` alone changes a cluster.

They read the stack file that the program reads, and reach the nodes as it does: over SSH, with the same keys, through
the same jump host, with scripts of `scripts/`. Nothing here imports Pulumi; what only Pulumi knows is asked of its
command line (`operations.engine`).
"""
