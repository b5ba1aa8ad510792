# shellcheck shell=bash
# forgotten: the cluster has let go of a node whose machine is gone, and of its pods. Nothing is asked of the machine.

# The cluster takes a while to believe it; and no budget can protect pods that are dead.
# shellcheck disable=SC2034 # drain-node.sh reads them
machine_gone=true ignore_budgets=true
# shellcheck source=scripts/linux/drain-node.sh
. "$here/drain-node.sh"
kubectl --request-timeout=30s delete node "$node" --ignore-not-found >&2
