"""How the program grows with the number of nodes: ``python -m bench.scale``.

The real engine runs the real program. One SSH server stands for every machine, each at its own address of 127.0.0.0/8,
and answers each step after a fixed time; a real API server takes the Kubernetes objects. So what is measured is the
program, Pulumi and the connections, not the machines.
"""
