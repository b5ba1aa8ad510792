# shellcheck shell=bash
# containerd-running: containerd and runc, verified, configured and running as a service.

changed=false
unpack_once containerd "$containerd_url" "$containerd_digest" /usr/local && changed=true
fetch "$runc_url" "$runc_digest" /usr/local/sbin/runc
chmod 755 /usr/local/sbin/runc

printf '%s' "$configuration" | write_file /etc/containerd/config.toml 644 && changed=true
write_file /etc/systemd/system/containerd.service 644 <<'UNIT' && changed=true
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

proxy_drop_in=/etc/systemd/system/containerd.service.d/proxy.conf
if [[ -n ${proxy_http}${proxy_https} ]]; then
  write_file "$proxy_drop_in" 600 <<UNIT && changed=true
# Written by casement
[Service]
Environment="HTTP_PROXY=$proxy_http" "HTTPS_PROXY=$proxy_https" "NO_PROXY=$no_proxy"
UNIT
elif [[ -e $proxy_drop_in ]]; then
  rm -f "$proxy_drop_in"
  rmdir --ignore-fail-on-non-empty "$(dirname "$proxy_drop_in")"
  changed=true
fi

systemctl daemon-reload
systemctl enable --quiet containerd.service
if $changed; then systemctl restart containerd.service; else systemctl start containerd.service; fi

answers() { ctr --connect-timeout 2s version >/dev/null; }
wait_until "containerd answers (journalctl -u containerd tells more)" 60 answers
