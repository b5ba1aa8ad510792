# shellcheck shell=bash
# preflight-passed: this machine can become a node. Changes nothing; prints what it found as JSON. What would make the
# node fail later is refused now, all at once; with report_only it is part of the report.

# shellcheck source=scripts/linux/host-facts.sh
. "$here/host-facts.sh"

problems=() warnings=()
fresh=true
[[ ! -e /etc/kubernetes/kubelet.conf || ! -d $state_folder ]] || fresh=false

# hindrance TEXT: what would only hinder a first installation is a warning on a machine that is a node already.
hindrance() { if $fresh; then problems+=("$1"); else warnings+=("$1"); fi; }

look_at_system() {
  # shellcheck source=/dev/null
  system=$(. /etc/os-release && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-unknown}")
  case $system in
    debian\ 1[2-9] | ubuntu\ 2[2-9].04) ;;
    *) problems+=("the system is '$system'; use Debian 12 or newer, or Ubuntu 22.04 LTS or newer") ;;
  esac
  [[ $(uname -m) == x86_64 ]] || problems+=("the machine is $(uname -m); only x86_64 is supported")
  [[ $(ps -p 1 -o comm=) == systemd ]] || problems+=("process 1 is not systemd; services cannot be kept running")
  memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
  ((memory >= 1700)) || problems+=("$memory MiB of memory; kubeadm wants 1700 MiB at least")
  disk=$(df --output=avail -m /var | tail -n1 | tr -d ' ')
  ((disk >= 4096)) || hindrance "$disk MiB free under /var; images need 4096 MiB at least"
  [[ $(uname -n) == "$node_name" ]] || warnings+=("the machine is named $(uname -n), its node will be named $node_name")
  pending=$(cat /var/run/reboot-required.pkgs 2>/dev/null | sort -u) || pending=''
  [[ ! -e /var/run/reboot-required ]] || warnings+=("a restart is pending for ${pending//$'\n'/, }: restart it soon")
  [[ $(time_facts) == *'"synchronised": true'* ]] ||
    warnings+=("no time service is known to keep the clock right; see that something does")
}

look_at_software() {
  local program unit text
  for program in dockerd crio k3s rke2 microk8s; do
    ! command -v "$program" >/dev/null 2>&1 || problems+=("$program is installed; remove it, or use another machine")
  done
  for unit in containerd kubelet; do
    # Not piped into grep -q, which would end systemctl and so the comparison.
    text=$(systemctl cat "$unit.service" 2>/dev/null) || text=''
    if [[ -n $text && $text != *'# Written by casement'* ]]; then
      problems+=("a service '$unit' that casement did not write is there; remove its package, or use another machine")
    fi
  done
  if [[ -e /etc/kubernetes/kubelet.conf && ! -e $state_folder/joined ]]; then
    problems+=("/etc/kubernetes/kubelet.conf: the machine is a node already; run 'kubeadm reset' on it first")
  fi
  if [[ $(proxies) == *'HTTP'* && $proxy_set == false ]]; then
    warnings+=("/etc/environment names a proxy; write it as casement:proxy, so that NO_PROXY names the cluster")
  fi
}

kernel_has() {
  grep -sqw "^$1" /proc/modules || [[ -d /sys/module/$1 ]] ||
    grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null ||
    { command -v modprobe >/dev/null && modprobe --dry-run "$1" 2>/dev/null; } ||
    { [[ $1 == vxlan ]] && ip link add casement-try type vxlan id 4096 dstport 0 2>/dev/null && ip link delete casement-try; } ||
    { [[ $1 == overlay ]] && grep -qw overlay /proc/filesystems; } ||
    { [[ $1 == br_netfilter ]] && [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]]; }
}

look_at_kernel() {
  local module
  for module in overlay br_netfilter vxlan; do
    kernel_has "$module" || problems+=("the kernel has no module '$module'; install the kernel's full set of modules")
  done
}

look_at_network() {
  local cidr way
  link=$(ip -4 -o address show | awk -v want="$address" '{split($4, a, "/"); if (a[1] == want) print $2}')
  if [[ -z $link ]]; then
    problems+=("no interface has the address $address; correct the node's address in the stack file")
  else
    for cidr in "${node_cidrs[@]}"; do
      way=$(ip -4 -o route get "${cidr%/*}" 2>/dev/null | grep -o ' dev [^ ]*') || way=' dev none'
      [[ ${way# dev } == "$link" || ${way# dev } == lo ]] ||
        problems+=("traffic to the nodes in $cidr leaves by ${way# dev }, not by $link, which has $address; correct the routes")
    done
    [[ -z $(ip -4 -o address show dev "$link" dynamic) ]] ||
      warnings+=("$address comes from DHCP; reserve it there, a node never changes its address")
  fi
  answer=$(port_answer "${api_endpoint%:*}" "${api_endpoint##*:}")
  if [[ $answer != open && $answer != refused ]]; then
    way="$answer from the API server's $api_endpoint; let this machine reach it, or correct controlPlane.endpoint"
    if $api_must_answer; then problems+=("$way"); else warnings+=("$way"); fi
  fi
}

look_at_system
look_at_software
look_at_kernel
look_at_network

adapter_json=null
[[ -z $link ]] || adapter_json=$(adapter "$link")
report=(
  "\"computerName\": \"$(uname -n)\"" "\"system\": \"$system\"" "\"build\": \"$(uname -r)\""
  "\"processors\": $(nproc)" "\"memoryMiB\": $memory" "\"freeDiskMiB\": $disk"
  "\"lastBoot\": \"$(date -u -d "@$(awk '/^btime/ {print $2}' /proc/stat)" +%FT%TZ)\""
  "\"pendingRestart\": $(json_list <<<"$pending")" "\"time\": $(time_facts)"
  "\"containerServices\": $(container_services)" "\"proxies\": $(proxies)" "\"adapters\": $(adapters)"
  "\"adapter\": $adapter_json" "\"routes\": [$(default_routes)]"
  "\"apiEndpoint\": {\"endpoint\": \"$api_endpoint\", \"answer\": \"$answer\"}"
  "\"problems\": $(printf '%s\n' "${problems[@]}" | json_list)" "\"warnings\": $(printf '%s\n' "${warnings[@]}" | json_list)"
)
for text in "${warnings[@]}"; do say "warning: $text"; done
((${#problems[@]} == 0)) || $report_only || fail "this machine cannot become a node" "${problems[@]}"
joined=$(printf ', %s' "${report[@]}")
printf '{%s}\n' "${joined:2}"
