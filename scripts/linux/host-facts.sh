# shellcheck shell=bash
# What test-host.sh tells of a machine, each function as a piece of JSON; the names are those of the Windows report.

# json_text TEXT...: the words as one JSON string.
json_text() {
  local text=$*
  text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\n'/ } text=${text//$'\t'/ }
  printf '"%s"' "${text//[[:cntrl:]]/}"
}

# json_list: each line of standard input as a string of a JSON list.
json_list() {
  local line items=''
  while IFS= read -r line; do [[ -z $line ]] || items+=", $(json_text "$line")"; done
  printf '[%s]' "${items:2}"
}

# link_value NAME KEY: what follows the key in what the kernel tells of an interface: mtu, state, link/ether.
link_value() { ip -o link show dev "$1" | grep -o " $2 [^ ]*" | head -n1 | cut -d' ' -f3; }

# adapters: the interfaces of the machine itself, without those that containers and pods have made.
adapters() {
  local name items=''
  while read -r name; do
    [[ $name != lo && $name != cni* && $name != flannel* && $name != veth* && $name != docker* ]] || continue
    items+=", $(adapter "$name")"
  done < <(ip -o link show | sed -E 's/^[0-9]+: ([^:@]+).*/\1/')
  printf '[%s]' "${items:2}"
}

# adapter NAME
adapter() {
  local addresses dynamic=false
  addresses=$(ip -4 -o address show dev "$1" | awk '{print $4}' | json_list)
  [[ -z $(ip -4 -o address show dev "$1" dynamic) ]] || dynamic=true
  printf '{"name": "%s", "status": "%s", "macAddress": "%s", "mtu": %s, "dhcp": %s, "addresses": %s}' "$1" \
    "$(link_value "$1" state)" "$(link_value "$1" 'link/[a-z]*')" "$(link_value "$1" mtu)" "$dynamic" "$addresses"
}

default_routes() {
  ip -4 route show default | awk '{
    hop = ""; device = ""; metric = 0
    for (i = 1; i < NF; i++) { if ($i == "via") hop = $(i+1); if ($i == "dev") device = $(i+1); if ($i == "metric") metric = $(i+1) }
    printf "%s{\"destination\": \"0.0.0.0/0\", \"nextHop\": \"%s\", \"interface\": \"%s\", \"metric\": %s}", (NR > 1 ? ", " : ""), hop, device, metric
  }'
}

# container_services: name, state, and whether we have written it.
container_services() {
  local name text ours items=''
  for name in docker containerd crio kubelet k3s rke2-server rke2-agent; do
    # Not piped into grep -q, which would end systemctl and so the comparison.
    text=$(systemctl cat "$name.service" 2>/dev/null) || continue
    ours=false
    [[ $text != *'# Written by casement'* ]] || ours=true
    items+=", {\"name\": \"$name\", \"state\": \"$(systemctl is-active "$name.service")\", \"ours\": $ours}"
  done
  printf '[%s]' "${items:2}"
}

# proxies: of the machine's environment, without passwords.
proxies() {
  local items
  items=$(grep -shiE '^(export )?(https?|no)_proxy=' /etc/environment | sed -E 's/^export //; s/"//g; s#://[^/@]*@#://***@#' |
    while IFS='=' read -r name value; do printf ', "%s": %s' "${name^^}" "$(json_text "$value")"; done) || true
  printf '{%s}' "${items:2}"
}

# port_answer HOST PORT: open, refused (nothing listens there), unknown name, or no answer.
port_answer() {
  local said
  if said=$(LC_ALL=C timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1); then printf open
  elif [[ $said == *'Connection refused'* ]]; then printf refused
  elif [[ $said == *'not known'* || $said == *'name resolution'* || $said == *'No address'* ]]; then printf 'unknown name'
  else printf 'no answer'; fi
}

# time_facts: the time service that runs. Not asked of timedatectl, which would start systemd-timedated for half a minute.
time_facts() {
  local unit source='' kept=false
  for unit in systemd-timesyncd chrony ntpsec ntp openntpd; do
    ! systemctl is-active --quiet "$unit.service" 2>/dev/null || { source=$unit kept=true; break; }
  done
  printf '{"utc": "%s", "synchronised": %s, "source": "%s"}' "$(date -u +%FT%TZ)" "$kept" "$source"
}
