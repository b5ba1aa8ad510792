# shellcheck shell=bash
# invited: a bootstrap token for this one join. Prints the token, a secret, and the digest of the CA's key, as JSON.

export KUBECONFIG=/etc/kubernetes/admin.conf
description="casement: invitation of $node"
kubeadm token list -o jsonpath='{.token} {.description}{"\n"}' 2>/dev/null | while read -r token what; do
  [[ $what != "$description" ]] || kubeadm token delete "${token%%.*}" >&2
done
invitation=$(kubeadm token create --ttl "$time_to_live" --description "$description" --print-join-command)
token=$(sed -n 's/.*--token \([^ ]*\).*/\1/p' <<<"$invitation")
digest=$(sed -n 's/.*--discovery-token-ca-cert-hash \([^ ]*\).*/\1/p' <<<"$invitation")
[[ $token && $digest ]] || fail "kubeadm printed no token" "run 'kubeadm token create --print-join-command' on the control plane to see why"
printf '{"token": "%s", "caCertHash": "%s"}\n' "$token" "$digest"
