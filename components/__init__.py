"""What exists: Pulumi resources, and nothing else. What they are given was decided in ``plan``."""
