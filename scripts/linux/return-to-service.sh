# shellcheck shell=bash
# in-service: a node whose programs were exchanged (annotation casement/upgrade) is Ready with the kubelet asked for, runs
# a pod, and takes pods again unless others have cordoned it.

export KUBECONFIG=/etc/kubernetes/admin.conf
kube() { kubectl --request-timeout=30s "$@"; }
of_node() { kube get node "$node" -o jsonpath="$1"; }

await_api
# Not in the condition: an API server that does not answer is no node that nothing was exchanged on.
exchanged=$(of_node '{.metadata.annotations.casement/upgrade}')
if [[ -z $exchanged ]]; then
  say "nothing was exchanged on $node"
  exit 0
fi

came_back() {
  local found
  found=$(of_node '{.status.nodeInfo.kubeletVersion} {range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}')
  [[ $found == "v$kubernetes_version True "* ]] || { printf '%s' "$found"; return 1; }
}
wait_until "node $node is Ready with kubelet v$kubernetes_version" 600 came_back

pod=casement-upgrade-$node
remove_pod() { kubectl -n kube-system delete pod "$pod" --ignore-not-found --wait --timeout=120s >&2; }
runs() {
  local phase
  phase=$(kube -n kube-system get pod "$pod" -o jsonpath='{.status.phase}')
  [[ $phase == Running ]] || { printf '%s: ' "$phase" && kube -n kube-system describe pod "$pod" | tail -n 2; return 1; }
}
remove_pod
trap remove_pod EXIT
kube create -f - >&2 <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $pod, namespace: kube-system}
spec:
  nodeName: $node
  os: {name: $system}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 0
  tolerations: [{operator: Exists}]
  containers: [{name: pause, image: "$image", imagePullPolicy: IfNotPresent, args: [pause]}]
YAML
wait_until "a pod runs on $node, which stays cordoned until one does" 300 runs

if [[ $(of_node '{.metadata.annotations.casement/cordoned}') ]]; then
  kube uncordon "$node" >&2
else
  say "others have cordoned $node: it stays so"
fi
kube annotate node "$node" casement/cordoned- casement/upgrade- >&2
