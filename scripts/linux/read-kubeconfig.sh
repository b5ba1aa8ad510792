# shellcheck shell=bash
# kubeconfig-read: prints the administrator's kubeconfig, a secret, once the API server is ready.

ready() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=5s get --raw /readyz; }
[[ -r /etc/kubernetes/admin.conf ]] || fail "/etc/kubernetes/admin.conf is missing" "is this the control plane machine?"
wait_until "the API server is ready" rest ready
cat /etc/kubernetes/admin.conf
