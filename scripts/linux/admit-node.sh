# shellcheck shell=bash
# registered: the cluster knows the node, as what it should be.

export KUBECONFIG=/etc/kubernetes/admin.conf
known() { [[ $(kubectl --request-timeout=5s get node "$node" -o jsonpath='{.metadata.labels.kubernetes\.io/os}') == "$system" ]]; }
wait_until "node $node is registered as $system" rest known
