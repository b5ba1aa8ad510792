"""What a change will do, for whoever has to approve it: ``python -m review``.

``events`` reads what the engine says, ``understand`` makes of it what it means for nodes, ``markdown`` and ``picture``
write it down. These are pure. Only ``engine`` runs Pulumi, only ``github`` speaks to GitHub.
"""
