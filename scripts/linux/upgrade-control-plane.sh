# shellcheck shell=bash
# control-plane-upgraded: kubeadm has brought the control plane here to the version asked for, and its API server answers.

export KUBECONFIG=/etc/kubernetes/admin.conf
# Left by a run of kubeadm that did not come to its end.
unfinished=$state_folder/control-plane-upgrade

ready() { kubectl --request-timeout=5s get --raw /readyz; }
running() { kubectl --request-timeout=30s get --raw /version | sed -n 's/.*"gitVersion": *"v\([^"]*\)".*/\1/p'; }
fails_because() {
  fail "kubeadm could not upgrade the control plane to $kubernetes_version" "$@" \
    "kubeadm itself has put back what it had changed (copies are in /etc/kubernetes/tmp); its own words are above" \
    "put that right and run 'pulumi up' again; no worker has been touched"
}

wait_until "the API server is ready" 180 ready >/dev/null
if [[ $(running) == "$kubernetes_version" && ! -e $unfinished ]]; then
  say "the control plane runs $kubernetes_version already"
  exit 0
fi

for line in "${programs[@]}"; do
  IFS='|' read -r name url digest folder file <<<"$line"
  [[ $name == kubeadm ]] || continue
  # It is no running program: the new one goes into place at once, and knows the older version too.
  is_active kubeadm "$digest" || stage_program "$name" "$url" "$digest" "$folder" "$file"
  activate_program kubeadm "$digest"
done
document=$state_folder/upgrade.yaml
printf '%s' "$configuration" >"$document"
touch "$unfinished"
kubeadm upgrade plan "v$kubernetes_version" --config "$document" >&2 ||
  fail "kubeadm refuses to upgrade the control plane to $kubernetes_version; its own words are above" \
    "nothing has been changed" "put that right and run 'pulumi up' again; ignorePreflightErrors passes over a check"
kubeadm upgrade apply --config "$document" --yes >&2 || fails_because
wait_until "the API server is ready again" 300 ready >/dev/null
[[ $(running) == "$kubernetes_version" ]] || fails_because "the API server still runs $(running)"
rm -f "$unfinished" "$document"
