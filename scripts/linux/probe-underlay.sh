# shellcheck shell=bash
# underlay-proven: full-size datagrams get to the node's VXLAN port and back, and its clock is right. Prints what was
# measured as JSON. Runs on the control plane machine, before anything is changed on the node. A Windows node answers by
# Watch-Underlay.ps1; of a Linux one the kernel says that nothing listens there yet, which is an answer too.

. "$here/host-facts.sh"

tries=10
sequence=$RANDOM
warnings=()
reply='' refused=false

# ask SIZE: sends one datagram of this many bytes, and takes what comes back within half a second: reply, round_trip, offset
# (in milliseconds) are then known, or refused is true. Linux forbids its routers to cut the datagram up.
ask() {
  local size=$1 said began
  sequence=$((sequence + 1)) reply='' refused=false
  exec 3<>"/dev/udp/$address/$port" || return 1
  began=${EPOCHREALTIME/./}
  # dd writes a block at once, so that it is one datagram whatever its size.
  { printf 'casement-ask %s %s ' "$sequence" "$size" && head -c "$size" /dev/zero | tr '\0' .; } | head -c "$size" |
    dd bs="$size" iflag=fullblock count=1 status=none >&3 2>/dev/null || true
  said=$({ LC_ALL=C timeout 0.5 dd bs=65535 count=1 status=none <&3; } 2>&1 | tr -d '\0') || true
  exec 3>&-
  [[ $said != *'Connection refused'* ]] || refused=true
  [[ $said == "casement-answer $sequence $size "* ]] || return 1
  reply=${said%%.*}
  local now=${EPOCHREALTIME/./}
  round_trip=$(((now - began) / 1000))
  read -r _ _ _ node_clock node_largest node_mtu _ <<<"$reply"
  offset=$((node_clock - (now + began) / 2000))
}

# arrives SIZE: one datagram is answered; by a Linux kernel with a refusal, which it gives some times at once, and then
# once in a second (net.ipv4.icmp_ratelimit): whoever got none asks again after that.
arrives() {
  ask "$1" && return
  [[ $system == linux ]] || return 1
  $refused && return
  sleep 1
  return 1
}

# some_of COUNT SIZE: how many of so many datagrams arrive, and what the last answer said; four lost ones are enough.
some_of() {
  local count=0 index
  for ((index = 0; index < $1 && (count > 0 || index < 4); index++)); do
    if arrives "$2"; then count=$((count + 1)); fi
  done
  printf '%s %s %s %s %s\n' "$count" "${round_trip:-0}" "${offset:-0}" "${node_mtu:-0}" "$refused"
}

# largest_arriving LOW HIGH: the largest datagram between the two that arrives, eight bytes more or less; LOW does.
largest_arriving() {
  local low=$1 high=$2 middle
  while ((high - low > 8)); do
    middle=$(((low + high) / 2))
    if arrives "$middle" || arrives "$middle"; then low=$middle; else high=$middle; fi
  done
  printf '%s' "$low"
}

# knows_flannel: the node has run flannel at this address; its port belongs to that now, and its network is the proof.
knows_flannel() {
  local at='{.metadata.annotations.flannel\.alpha\.coreos\.com/public-ip}'
  [[ -e /etc/kubernetes/admin.conf ]] && command -v kubectl >/dev/null &&
    [[ $(kubectl --kubeconfig=/etc/kubernetes/admin.conf --request-timeout=10s get node "$known_as" -o "jsonpath=$at" 2>/dev/null) == "$address" ]]
}

# unheard: datagrams that came to a port of this machine where nobody listens.
unheard() { awk '/^Udp:/ && $3 ~ /^[0-9]+$/ {print $3}' /proc/net/snmp; }

vxlan_is_here() { ip -d link show type vxlan 2>/dev/null | grep -q "dstport $port "; }

# remedy_mtu PATH-MTU
remedy_mtu() {
  printf 'set casement:mtu to %s, and the adapter of each Windows node: netsh interface ipv4 set subinterface NAME mtu=%s store=persistent' "$1" "$1"
}

report() { printf '{"underlay": %s, "port": %s%s, "warnings": %s}\n' "$(json_text "$1")" "$port" "$2" "$(printf '%s\n' "${warnings[@]}" | json_list)"; }

nothing_arrives() {
  local tcp
  tcp=$(port_answer "$address" "$ssh_port")
  fail "no datagram gets from $(uname -n) to UDP $port of $node ($address) and back; TCP $ssh_port there: $tcp" \
    "open UDP $port both ways between all nodes: firewalls and cloud rules between the two" \
    "on VMware NSX or a hypervisor that does VXLAN itself, UDP $port is its own: move the nodes to a segment where it is not" \
    "if the machine was installed anew since it was last looked at: pulumi up --replace '**::$node-underlay-answering'"
}

# fail_in_black_hole LARGE WAY: datagrams of LARGE bytes do not get this WAY, smaller ones do.
fail_in_black_hole() {
  local path
  path=$(($(largest_arriving 64 "$1") + 28))
  fail "small datagrams get to UDP $port of $node and back, but $(($1 + 28)) bytes do not $2 it: $path do" \
    "$(remedy_mtu "$path")" "or let the network between the two carry $(($1 + 28)) bytes (it drops them silently: connections hang)"
}

prove_linux() {
  local small large
  read -r small _ < <(some_of 2 64)
  read -r large _ < <(some_of 2 "$1")
  if ((small > 0 && large == 0)); then fail_in_black_hole "$1" 'get to'; fi
  if ((small > 0)); then
    report 'full-size datagrams arrive' ", \"mtu\": $(($1 + 28))"
  else
    warnings+=("nothing is heard from UDP $port of $node before flannel runs there; the verification at the end will tell")
    report 'not proven yet' ''
  fi
}

if knows_flannel; then
  say "$node runs flannel at $address already: its network is the proof"
  report 'proven by the running network' ''
  return 0
fi

route=$(ip -4 -o route get "$address") || fail "no route from $(uname -n) to $address" "correct the routes, or the node's address"
device=$(grep -o ' dev [^ ]*' <<<"$route")
link_mtu=$(link_value "${device# dev }" mtu)
# No network carries more, and no datagram of UDP is larger than 64 KiB.
((link_mtu <= 9216)) || link_mtu=9216
if [[ $system == linux ]]; then
  prove_linux $((mtu > 0 && mtu < link_mtu ? mtu - 28 : link_mtu - 28))
  return 0
fi

unheard_before=$(unheard)
read -r small round_trip offset node_mtu refused < <(some_of "$tries" 64)
if ((small == 0)); then
  if [[ $refused == true ]]; then
    fail "UDP $port of $node is open, but nothing answers there" "pulumi up --replace '**::$node-underlay-answering'"
  fi
  nothing_arrives
fi
seconds=$((((offset < 0 ? -offset : offset) + 500) / 1000))
((seconds <= 60)) || fail "the clock of $node is $seconds s $( ((offset < 0)) && printf behind || printf 'ahead of') that of $(uname -n)" \
  "on the Windows machine: Set-Service w32time -StartupType Automatic; Start-Service w32time; w32tm /resync /force" \
  "certificates and tokens are not valid when clocks differ by more than a minute"

common=$((link_mtu < node_mtu ? link_mtu : node_mtu))
((mtu == 0 || mtu > common)) || common=$mtu
full=$((common - 28))
read -r large _ < <(some_of "$tries" "$full")
if ((large == 0)); then
  # A small answer tells the largest that the node has seen.
  if ask 64 && ((node_largest >= full)); then fail_in_black_hole "$full" 'come back from'; fi
  fail_in_black_hole "$full" 'get to'
fi
((small == tries && large == tries)) || warnings+=("of $tries datagrams to $node $small small and $large full-size ones were answered; the network loses some")
wanted=$((mtu > 0 ? mtu : link_mtu))
if ((node_mtu != wanted)); then
  warnings+=("the MTU of $node is $node_mtu, that of the Linux nodes $wanted: $(remedy_mtu "$common")")
fi

back='not measured: VXLAN runs here'
if ! vxlan_is_here; then
  (($(unheard) - unheard_before >= small)) || fail "datagrams from $node do not get to UDP $port of $(uname -n)" \
    "open UDP $port on this machine and between the two"
  back='proven'
fi
for text in "${warnings[@]}"; do say "warning: $text"; done
say "UDP $port of $node: $large of $tries datagrams of $common bytes, $round_trip ms, clock differs by $offset ms"
report 'full-size datagrams arrive' ", \"mtu\": $common, \"answered\": $large, \"asked\": $tries, \"back\": \"$back\", \"roundTripMs\": $round_trip, \"clockOffsetMs\": $offset"
