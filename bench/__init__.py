"""The benchmark: our program, an Ansible playbook, a pyinfra deploy and a shell script make the same cluster.

``python -m bench run`` measures on the lab's hosts, ``python -m bench render`` writes the results into the docs.
"""
