# shellcheck shell=bash
# Checks of what the cluster says about its nodes and about flannel; part of verify-cluster.sh.

node_is_ready() {
  detail=$(kube get node "$1" -o jsonpath='{.metadata.labels.kubernetes\.io/os} at {.status.addresses[?(@.type=="InternalIP")].address}|{.status.conditions[?(@.type=="Ready")].status}' 2>&1) &&
    [[ $detail == "$2 at $3|True" ]]
}

check_node_ready() {
  if tried_until "$nodes_deadline" node_is_ready "$@"; then detail=${detail%|*}; else
    detail="wanted '$2 at $3|True', found '$detail'"
    return 1
  fi
}

# check_node_version NODE VERSION
check_node_version() {
  detail=$(kube get node "$1" -o jsonpath='{.status.nodeInfo.kubeletVersion}' 2>&1)
  if [[ $detail != "$2" ]]; then
    detail="wanted kubelet $2, found $detail"
    return 1
  fi
}

# check_pod_range NODE: two nodes with one range would have pods with the same addresses.
check_pod_range() {
  local ranges
  detail=$(kube get node "$1" -o jsonpath='{.spec.podCIDR}' 2>&1) || return 1
  ranges=$(kube get nodes -o jsonpath='{range .items[*]}{.spec.podCIDR}{"\n"}{end}' 2>&1) || { detail=$ranges && return 1; }
  if [[ ! $detail ]]; then
    detail='the Node has no podCIDR'
    return 1
  elif (($(grep -cxF -- "$detail" <<<"$ranges") != 1)); then
    detail="not its own alone: $detail"
    return 1
  fi
}

flannel_is_announced() {
  local at='.metadata.annotations.flannel\.alpha\.coreos\.com'
  detail=$(kube get node "$1" -o jsonpath="{$at/backend-type}|{$at/backend-data}|{$at/public-ip}" 2>&1) &&
    [[ $detail == "vxlan|"*"\"VNI\":$vni"*"|$2" ]]
}

check_flannel_announced() {
  if tried_until "$nodes_deadline" flannel_is_announced "$@"; then detail="vxlan, VNI $vni, at $2"; else
    detail="wanted vxlan, VNI $vni at $2, found $detail"
    return 1
  fi
}

# check_flannel_configuration PIECE: one piece of net-conf.json.
check_flannel_configuration() {
  detail=$(kube -n "$flannel_namespace" get configmap kube-flannel-cfg -o jsonpath='{.data.net-conf\.json}' 2>&1 | tr -d ' \n')
  if [[ $detail == *"$1"* ]]; then detail=$1; else
    detail="wanted $1, found $detail"
    return 1
  fi
}

check_vxlan_device() {
  detail=$(ip -d link show "flannel.$vni" 2>&1 | tr -s ' ' | grep -o "vxlan id $vni .*dstport [0-9]*")
  if [[ $detail != *"dstport $vxlan_port" ]]; then
    detail="wanted vxlan id $vni dstport $vxlan_port, found ${detail:-none}"
    return 1
  fi
}

# check_node_selector NAMESPACE/NAME
check_node_selector() {
  detail=$(kube -n "${1%%/*}" get daemonset "${1#*/}" -o jsonpath='{.spec.template.spec.nodeSelector}' 2>&1)
  if [[ $detail != *'"kubernetes.io/os":"linux"'* ]]; then
    detail="no kubernetes.io/os=linux in '$detail'; Windows nodes would be given its pods"
    return 1
  fi
}

begin_checks_of_nodes() {
  local index name
  nodes_deadline=$((SECONDS + 60))
  for index in "${!node_names[@]}"; do
    name=${node_names[$index]}
    check node-ready "$name" check_node_ready "$name" "${node_systems[$index]}" "${node_addresses[$index]}"
    [[ ! ${node_versions[$index]} ]] || check node-version "$name" check_node_version "$name" "${node_versions[$index]}"
    check pod-range "$name" check_pod_range "$name"
    check flannel-announced "$name" check_flannel_announced "$name" "${node_addresses[$index]}"
  done
  for name in '"Type":"vxlan"' "\"VNI\":$vni" "\"Port\":$vxlan_port" "\"Network\":\"$pod_cidr\""; do
    check flannel-configuration "${name%%:*}" check_flannel_configuration "$name"
  done
  # After a restart of this machine flannel's pod makes it anew.
  check vxlan-device "$(uname -n)" tried_until $((SECONDS + 60)) check_vxlan_device
  for name in "${linux_daemon_sets[@]}"; do check node-selector "$name" check_node_selector "$name"; done
}
