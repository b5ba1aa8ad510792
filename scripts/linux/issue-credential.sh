# shellcheck shell=bash
# credential-issued: the cluster's authority has signed what the node asked for. Prints the certificate and the
# authority's own as JSON; neither is a secret.

export KUBECONFIG=/etc/kubernetes/admin.conf
kube() { kubectl --request-timeout=30s "$@"; }
# Nobody but this node is let in by it, whatever was asked for.
subject=$(openssl req -noout -verify -subject -nameopt RFC2253 <<<"$request" 2>/dev/null) || subject='not a certificate request'
[[ $subject == "subject=CN=system:node:$node,O=system:nodes" ]] ||
  fail "the request of $node is for '${subject#subject=}', not for system:node:$node of system:nodes" \
    "something on $node answers in the place of kubeadm; look at its step credential-requested"

name=casement-$node-$(sha256sum <<<"$request" | cut -c1-12)
await_api
trap 'kube delete csr "$name" --ignore-not-found >&2' EXIT
kube apply -f - >&2 <<REQUEST
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: "$name"}
spec:
  request: $(base64 -w0 <<<"$request")
  signerName: kubernetes.io/kube-apiserver-client-kubelet
  usages: [digital signature, client auth]
REQUEST
kube certificate approve "$name" >&2
signed() { kubectl --request-timeout=5s get csr "$name" -o jsonpath='{.status.certificate}'; }
issued() { [[ $(signed) ]]; }
wait_until "the controller manager has signed the certificate of $node" 120 issued
certificate=$(signed | base64 -d)
authority=$(kubectl config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d)
printf '{"certificate": %s, "authority": %s}\n' "$(json_text "$certificate")" "$(json_text "$authority")"
