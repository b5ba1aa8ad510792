# shellcheck shell=bash
# cluster-verified: the cluster is what the stack file asks for. Prints every check and its result as JSON.
# Pods of its own carry the traffic; their namespace is removed at the end, whatever happens.

export KUBECONFIG=/etc/kubernetes/admin.conf
namespace=casement-verification
results=()
failures=0
declare -A running=()

kube() { kubectl --request-timeout=20s "$@"; }

# note OK CHECK SUBJECT DETAIL
note() {
  local subject=${3//\"/} detail=${4//\\/\\\\}
  detail=${detail//\"/\\\"} detail=${detail//$'\n'/ }
  results+=("$(printf '{"check": "%s", "of": "%s", "ok": %s, "detail": "%s"}' "$2" "$subject" "$1" "${detail//$'\t'/ }")")
  if $1; then say "ok      $2  $3  $4"; else
    say "FAILED  $2  $3  $4"
    failures=$((failures + 1))
  fi
}

# tried_until DEADLINE COMMAND...: like the command, tried again until the time (of SECONDS) is over.
tried_until() {
  local deadline=$1
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 1
  done
}

node_is_ready() {
  found=$(kube get node "$1" -o jsonpath='{.metadata.labels.kubernetes\.io/os} {.status.addresses[?(@.type=="InternalIP")].address} {.status.conditions[?(@.type=="Ready")].status}' 2>&1) &&
    [[ $found == "$2 $3 True" ]]
}

flannel_is_announced() {
  local at='.metadata.annotations.flannel\.alpha\.coreos\.com'
  found=$(kube get node "$1" -o jsonpath="{$at/backend-type}|{$at/backend-data}|{$at/public-ip}" 2>&1) &&
    [[ $found == "vxlan|"*"\"VNI\":$vni"*"|$2" ]]
}

check_node() {
  local name=$1 system=$2 address=$3 found=''
  if tried_until $((SECONDS + 60)) node_is_ready "$name" "$system" "$address"; then note true node-ready "$name" "$system at $address"; else
    note false node-ready "$name" "wanted '$system $address True', found '$found'"
  fi
  if tried_until $((SECONDS + 60)) flannel_is_announced "$name" "$address"; then
    note true flannel-announced "$name" "vxlan, VNI $vni, at $address"
  else
    note false flannel-announced "$name" "wanted vxlan, VNI $vni at $address, found $found"
  fi
}

check_flannel_configuration() {
  local found want port
  found=$(kube -n "$flannel_namespace" get configmap kube-flannel-cfg -o jsonpath='{.data.net-conf\.json}' 2>&1 | tr -d ' \n') || true
  for want in '"Type":"vxlan"' "\"VNI\":$vni" "\"Port\":$vxlan_port" "\"Network\":\"$pod_cidr\""; do
    if [[ $found == *"$want"* ]]; then note true flannel-configuration "${want%%:*}" "$want"; else
      note false flannel-configuration "${want%%:*}" "wanted $want, found $found"
    fi
  done
  port=$(ip -d link show "flannel.$vni" 2>&1 | tr -s ' ' | grep -o "vxlan id $vni .*dstport [0-9]*") || true
  if [[ $port == *"dstport $vxlan_port" ]]; then note true vxlan-device "$(uname -n)" "$port"; else
    note false vxlan-device "$(uname -n)" "wanted vxlan id $vni dstport $vxlan_port, found ${port:-none}"
  fi
}

check_daemon_sets() {
  local name selector
  while IFS='|' read -r name selector; do
    [[ $name ]] || continue
    if [[ $selector == *'"kubernetes.io/os":"linux"'* ]]; then note true node-selector "$name" "$selector"; else
      note false node-selector "$name" "no kubernetes.io/os=linux in '$selector'; Windows nodes would be given its pods"
    fi
  done < <(for set in "${linux_daemon_sets[@]}"; do
    kube -n "${set%%/*}" get daemonset "${set#*/}" -o jsonpath='{.metadata.namespace}/{.metadata.name}|{.spec.template.spec.nodeSelector}{"\n"}' 2>&1 || printf '%s|\n' "$set"
  done)
}

pods() {
  local index
  printf 'apiVersion: v1\nkind: Service\nmetadata: {name: probe}\nspec: {selector: {probe: linux}, ports: [{port: 80, targetPort: 8080}]}\n'
  for index in "${!node_names[@]}"; do
    printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: probe-%s, labels: {probe: %s}}\nspec:\n' "${node_names[$index]}" "${node_systems[$index]}"
    printf '  nodeName: %s\n  automountServiceAccountToken: false\n  enableServiceLinks: false\n' "${node_names[$index]}"
    printf '  terminationGracePeriodSeconds: 0\n  tolerations: [{operator: Exists}]\n  os: {name: %s}\n' "${node_systems[$index]}"
    printf '  containers: [{name: probe, image: "%s", imagePullPolicy: IfNotPresent, args: [netexec, --http-port=8080, --udp-port=-1]}]\n' "$image"
  done
}

pod_address() { kube -n "$namespace" get pod "probe-$1" -o jsonpath='{.status.podIP}'; }
pod_runs() { [[ $(kube -n "$namespace" get pod "probe-$1" -o jsonpath='{.status.phase}') == Running && -n $(pod_address "$1") ]]; }
reaches() { answer=$(kube -n "$namespace" exec "probe-$1" -- /agnhost connect --timeout=5s "$2" 2>&1); }

# check_traffic CHECK FROM-NODE WHAT TARGET
check_traffic() {
  local answer=''
  if tried_until "$traffic_deadline" reaches "$2" "$4"; then note true "$1" "$2 to $3" "$4"; else
    note false "$1" "$2 to $3" "$4: $answer"
  fi
}

start_pods() {
  local name
  kube create namespace "$namespace" >&2
  pods | kube -n "$namespace" create -f - >&2
  local deadline=$((SECONDS + 300))
  for name in "${node_names[@]}"; do
    if tried_until "$deadline" pod_runs "$name"; then
      running[$name]=$(pod_address "$name")
      note true pod-runs "$name" "${running[$name]}"
    else
      note false pod-runs "$name" "$(kube -n "$namespace" describe pod "probe-$name" 2>&1 | tail -n 3)"
    fi
  done
}

check_pods() {
  local from index to service
  service=$(kube -n "$namespace" get service probe -o jsonpath='{.spec.clusterIP}')
  traffic_deadline=$((SECONDS + 120))
  for from in "${linux_names[@]}"; do
    [[ -n ${running[$from]:-} ]] || continue
    for index in "${!node_names[@]}"; do
      to=${node_names[$index]}
      [[ $to == "$from" || -z ${running[$to]:-} ]] ||
        check_traffic "linux-to-${node_systems[$index]}" "$from" "$to" "${running[$to]}:8080"
    done
    check_traffic service-address "$from" "service probe" "$service:80"
    check_traffic dns-name "$from" "service probe" "probe.$namespace.svc.$cluster_domain:80"
  done
}

remove_pods() { kubectl delete namespace "$namespace" --ignore-not-found --wait --timeout=120s >&2 || say "namespace $namespace stays behind"; }

linux_names=()
for index in "${!node_names[@]}"; do
  [[ ${node_systems[$index]} != linux ]] || linux_names+=("${node_names[$index]}")
  check_node "${node_names[$index]}" "${node_systems[$index]}" "${node_addresses[$index]}"
done
check_flannel_configuration
check_daemon_sets
trap remove_pods EXIT
remove_pods
start_pods
check_pods

joined=$(printf ', %s' "${results[@]}")
printf '[%s]\n' "${joined:2}"
((failures == 0)) || fail "$failures of ${#results[@]} checks failed" \
  "linux-to-windows: is UDP $vxlan_port open between the nodes? pod-runs: can the node get the image $image?"
