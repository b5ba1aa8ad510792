# shellcheck shell=bash
# What flannel on a node has told the cluster; part of the steps that wait for it.

# announced: the node is known by flannel as VXLAN with this VNI, at this address. Prints what it is known as otherwise.
announced() {
  local at='.metadata.annotations.flannel\.alpha\.coreos\.com' said type address_said data
  said=$(kubectl --request-timeout=5s get node "$node" -o "jsonpath={$at/backend-type}|{$at/public-ip}|{$at/backend-data}")
  IFS='|' read -r type address_said data <<<"$said"
  [[ $type == vxlan && $address_said == "$address" && $data == *"\"VNI\":$vni,"* && $data == *\"VtepMAC\":\"??:* ]] ||
    { printf 'type %s, data %s, at %s' "${type:-none}" "${data:-none}" "${address_said:-nowhere}"; return 1; }
}
