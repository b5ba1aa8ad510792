# shellcheck shell=bash
# containerd-running: containerd and runc, verified, configured and running as a service.

install_program containerd "$containerd_url" "$containerd_digest" /usr/local
install_program runc "$runc_url" "$runc_digest" /usr/local/sbin runc

write_file /etc/containerd/config.toml 644 < <(printf '%s' "$configuration")
write_file /etc/systemd/system/containerd.service 644 <<'UNIT'
# Written by casement
[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target local-fs.target

[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
UNIT

# containerd reads these whenever it pulls an image.
mirrored=$state_folder/registries
touch "$mirrored"
while IFS= read -r registry; do
  [[ " ${registry_folders[*]} " == *" $registry "* ]] || rm -rf "/etc/containerd/certs.d/${registry:?}"
done <"$mirrored"
for index in "${!registry_folders[@]}"; do
  registry=${registry_folders[$index]}
  grep -qxF "$registry" "$mirrored" || printf '%s\n' "$registry" >>"$mirrored"
  printf '%s' "${registry_files[$index]}" | write_file "/etc/containerd/certs.d/$registry/hosts.toml" 644 || true
done
((${#registry_folders[@]} == 0)) || printf '%s\n' "${registry_folders[@]}" >"$mirrored.new"
if [[ -e $mirrored.new ]]; then mv -f "$mirrored.new" "$mirrored"; else rm -f "$mirrored"; fi

proxy_drop_in=/etc/systemd/system/containerd.service.d/proxy.conf
if [[ -n ${proxy_http}${proxy_https} ]]; then
  write_file "$proxy_drop_in" 600 <<UNIT
# Written by casement
[Service]
Environment="HTTP_PROXY=$proxy_http" "HTTPS_PROXY=$proxy_https" "NO_PROXY=$no_proxy"
UNIT
elif [[ -e $proxy_drop_in ]]; then
  note_change
  rm -f "$proxy_drop_in"
  rmdir --ignore-fail-on-non-empty "$(dirname "$proxy_drop_in")"
fi

enable_unit containerd.service
verb=start
if $changed; then verb=restart; fi
systemctl "$verb" containerd.service ||
  fail "containerd does not start" "journalctl -u containerd on this machine tells why; containerdConfiguration in the stack file is part of what it reads"

answers() { ctr --connect-timeout 2s version >/dev/null; }
wait_until "containerd answers (journalctl -u containerd tells more)" 60 answers
