# shellcheck shell=bash
# registered: the cluster knows the node, as what it should be; its invitation is withdrawn.

export KUBECONFIG=/etc/kubernetes/admin.conf
known() { [[ $(kubectl --request-timeout=5s get node "$node" -o jsonpath='{.metadata.labels.kubernetes\.io/os}') == "$system" ]]; }
wait_until "node $node is registered as $system" 180 known
kubeadm token list -o jsonpath='{.token} {.description}{"\n"}' | while read -r token what; do
  [[ $what != "casement: invitation of $node" ]] || kubeadm token delete "${token%%.*}" >&2
done
