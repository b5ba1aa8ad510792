# shellcheck shell=bash
# Traffic between pods, to services and to node ports; part of verify-cluster.sh.
# Every request is made by a pod: its /dial asks another address in its own name, and tells what came of it.

payload_bytes=300000
# Of so many nodes each is tried with each other one.
most_tried_with_all=12

# ask ADDRESS PORT PATH: prints the body of the answer to one HTTP request, made by this machine.
ask() {
  # The path may be longer than a command line can be, so it goes in on standard input.
  # shellcheck disable=SC2016 # the other bash expands it
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$3" "$1" | timeout 12 bash -c \
    'exec 3<>"/dev/tcp/$0/$1" && cat >&3 && sed "1,/^\r*$/d" <&3' "$1" "$2" 2>/dev/null
}

# dial FROM-NODE HOST PORT REQUEST: the answer to the request that the node's pod has made.
dial() {
  if ! detail=$(ask "${running[$1]}" 8080 "/dial?protocol=http&host=$2&port=$3&request=$4") || [[ ! $detail ]]; then
    detail="the control plane gets no answer from the pod on $1 at ${running[$1]}:8080, which was to ask $2:$3"
    return 1
  fi
  [[ $detail == '{"responses":["'* ]]
}

# check_dial FROM-NODE HOST PORT REQUEST
check_dial() {
  tried_until "$traffic_deadline" dial "$@" || return 1
  detail=${detail#*'["'}
  detail="$2:$3 answered: ${detail%'"]'*}"
}

# check_payload FROM-NODE HOST PORT: the pod sends many bytes in its request, and gets the same back.
check_payload() {
  local payload count
  payload=$(head -c "$payload_bytes" /dev/zero | tr '\0' x)
  if ! tried_until "$traffic_deadline" dial "$@" "echo?msg=$payload"; then
    detail=$(tr -s x <<<"$detail")
    return 1
  fi
  count=$(tr -cd x <<<"$detail" | wc -c)
  detail="$count of $payload_bytes bytes came back"
  ((count == payload_bytes))
}

# ask_node_port ADDRESS PORT
ask_node_port() { detail=$(ask "$1" "$2" /hostname) && [[ $detail ]]; }

check_node_port() {
  if tried_until "$traffic_deadline" ask_node_port "$@"; then detail="$1:$2 answered: $detail"; else
    detail="$1:$2 does not answer"
    return 1
  fi
}

service_field() { kube -n "$namespace" get service "probe-$1" -o jsonpath="{.spec.$2}"; }

# begin_pair FROM-INDEX TO-INDEX
begin_pair() {
  local from=${node_names[$1]} to=${node_names[$2]}
  check "${node_systems[$1]}-to-${node_systems[$2]}" "$from to $to" check_dial "$from" "${running[$to]}" 8080 clientip
  # There and back in one request: one of the two ways is enough.
  if (($1 < $2)); then check large-payload "$from and $to" check_payload "$from" "${running[$to]}" 8080; fi
}

# begin_services INDEX: from the pod of one node to services, by address.
begin_services() {
  local from=${node_names[$1]} system
  for system in "${service_systems[@]}"; do
    # A pod behind a service cannot reach itself by it on Windows, so Windows asks for pods of Linux.
    [[ ${node_systems[$1]} == linux || $system == linux ]] || continue
    check "${node_systems[$1]}-to-service" "$from to probe-$system" check_dial "$from" "${service_address[$system]}" 80 hostname
  done
}

dns_is_served() {
  [[ $(kube -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns \
    -o jsonpath='{.items[*].endpoints[?(@.conditions.ready==true)].addresses}' 2>/dev/null) ]]
}

# begin_checks_of_names: once the cluster's DNS has a pod that is ready, or will have none in time. Without one each request
# of a pod hangs for its whole time, also when there is one meanwhile.
begin_checks_of_names() {
  local from
  tried_until "$traffic_deadline" dns_is_served || say "the service kube-dns has no pod that is ready"
  for from in "${node_names[@]}"; do
    [[ ${running[$from]:-} ]] || continue
    check dns-name "$from" check_dial "$from" "probe-linux.$namespace.svc.$cluster_domain" 80 hostname
    check dns-short-name "$from" check_dial "$from" probe-linux 80 hostname
  done
}

# begin_node_port INDEX: this machine asks every other node; a pod on another node asks this one.
begin_node_port() {
  local name=${node_names[$1]} address=${node_addresses[$1]} port other
  port=$(service_field linux 'ports[0].nodePort')
  if (($1 > 0)); then
    check node-port "$name from ${node_names[0]}" check_node_port "$address" "$port"
    return
  fi
  for other in "${node_names[@]:1}"; do
    [[ ${running[$other]:-} ]] || continue
    check node-port "$name from a pod on $other" check_dial "$other" "$address" "$port" hostname
    return
  done
  skip node-port "$name" 'there is no other node to ask from'
}

# is_tried FROM-INDEX TO-INDEX: of a large cluster each node is tried with that of the control plane and with its four
# neighbours in the stack file, else the number of pairs would grow with the square.
is_tried() {
  local count=${#node_names[@]} apart=$(($1 > $2 ? $1 - $2 : $2 - $1))
  ((apart > 0 && (count <= most_tried_with_all || $1 == 0 || $2 == 0 || apart <= 2 || count - apart <= 2)))
}

begin_checks_of_traffic() {
  local from to system
  local -A service_address=()
  for system in "${service_systems[@]}"; do service_address[$system]=$(service_field "$system" clusterIP); done
  for from in "${!node_names[@]}"; do
    begin_node_port "$from"
    [[ ${running[${node_names[$from]}]:-} ]] || continue
    begin_services "$from"
    for to in "${!node_names[@]}"; do
      if is_tried "$from" "$to" && [[ ${running[${node_names[$to]}]:-} ]]; then begin_pair "$from" "$to"; fi
    done
  done
}
