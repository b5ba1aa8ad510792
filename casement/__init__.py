"""Windows nodes, and the network they need, for clusters that kubeadm has made: components for any Pulumi program."""

from casement.arguments import FlannelArgs, WindowsNodesArgs
from casement.flannel import Flannel
from casement.windows_nodes import WindowsNodes

__all__ = ["Flannel", "FlannelArgs", "WindowsNodes", "WindowsNodesArgs"]
