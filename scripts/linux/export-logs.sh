# shellcheck shell=bash
# Gathers what tells why this host does not do as it should, with secrets taken out before anything is written. Changes
# nothing. What is missing on this host, or does not answer, is noted in notes.txt and holds up nothing else.

collected=$(dirname "$here")/collected
# The folder of the steps: ours stands beside it.
steps_folder=$(dirname "$(dirname "$here")")/.casement
mkdir -p "$collected"
command -v perl >/dev/null || fail "perl is missing, which takes the secrets out" "install the package perl-base"

note() { printf '%s\n' "$*" >>"$collected/notes.txt"; }

# hide: standard input without secrets; of a long one the end. Zeros are taken out, so that UTF-16 is readable.
hide() {
  # shellcheck disable=SC2016 # the dollar signs are Perl's
  tail -c "$((largest_file + 1))" | perl -e '
    my ($limit, $cut, @patterns) = @ARGV;
    binmode STDIN; binmode STDOUT; local $/;
    my $text = <STDIN> // "";
    $text =~ s/\0//g;
    if (length($text) > $limit) {
      $text =~ s/\A[^\n]*\n//;
      $text =~ s/$cut//;
      $text = "[the beginning is left out]\n$text";
    }
    for my $pattern (@patterns) { $text =~ s/$pattern/$1\[removed\]/g }
    print $text;' "$largest_file" "$cut_pattern" "${patterns[@]}"
}

# save_answer NAME COMMAND...
save_answer() {
  local name=$1 code=0
  shift
  command -v "$1" >/dev/null || { note "$name: $1 is not on this host"; return 0; }
  mkdir -p "$(dirname "$collected/$name")"
  timeout -k 5 60 "$@" 2>&1 | hide >"$collected/$name" || code=${PIPESTATUS[0]}
  ((code == 0)) || note "$name: $* ended with exit code $code"
}

# save_files PATH...: what is no file is left out, so that patterns without a match do no harm.
save_files() {
  local path
  for path in "$@"; do
    [[ -f $path && -r $path ]] || continue
    mkdir -p "$(dirname "$collected/files$path")"
    hide <"$path" >"$collected/files$path"
  done
}

say "gathering files"
save_files "$steps_folder"/state/*.json "$steps_folder"/state/steps/* "$steps_folder"/state/*.log "$steps_folder"/log/*
save_files /etc/cni/net.d/* /etc/containerd/config.toml /etc/crictl.yaml /etc/kubernetes/*.conf /etc/kubernetes/manifests/*
save_files /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env /run/flannel/subnet.env
save_files /etc/systemd/system/{kubelet,containerd}.service /etc/systemd/system/{kubelet,containerd}.service.d/*
save_files /etc/sysctl.d/99-casement.conf /etc/modules-load.d/casement.conf /etc/fstab
save_files /var/log/pods/kube-*/*/*.log

say "gathering the state of the host"
save_answer host/system.txt uname -a
save_answer host/release.txt cat /etc/os-release
save_answer host/uptime.txt uptime
save_answer host/memory.txt free -m
save_answer host/disks.txt df -h
save_answer host/processes.txt ps -eo pid,ppid,user,rss,lstart,args
save_answer host/time.txt timedatectl
save_answer host/failed-units.txt systemctl --no-pager --failed
for unit in kubelet containerd; do
  save_answer "journal/$unit.txt" journalctl --no-pager --utc --unit "$unit" --since '-7 days'
done
save_answer journal/kernel.txt journalctl --no-pager --utc --dmesg --priority warning --since '-7 days'

say "gathering the network"
save_answer network/addresses.txt ip -d address
save_answer network/routes.txt ip route show table all
save_answer network/rules.txt ip rule
save_answer network/neighbours.txt ip neighbour
save_answer network/forwarding-database.txt bridge fdb
save_answer network/sockets.txt ss -antup
save_answer network/nftables.txt nft list ruleset
save_answer network/iptables.txt iptables-save
save_answer network/sysctl.txt sysctl net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.netfilter.nf_conntrack_count

say "gathering containers"
for what in version info pods images; do save_answer "containers/$what.txt" crictl --timeout 30s "$what"; done
save_answer containers/containers.txt crictl --timeout 30s ps -a
