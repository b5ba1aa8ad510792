"""The lab: real Kubernetes hosts, and the means to build them, on one Debian machine."""
