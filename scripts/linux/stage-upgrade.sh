# shellcheck shell=bash
# upgrade-staged: each program of the versions asked for is in place, or waits beside what is. Where one waits, the Node
# says so (annotation casement/upgrade), and is to be taken out of service.

if ! is_member; then
  say "no member of a cluster: programs go into place at once"
  exit 0
fi
waiting=()
for line in "${programs[@]}"; do
  IFS='|' read -r name url digest folder file <<<"$line"
  is_active "$name" "$digest" && continue
  stage_program "$name" "$url" "$digest" "$folder" "$file"
  waiting+=("$name")
done
[[ ! -e $exchange ]] || waiting+=(unfinished)
if ((${#waiting[@]} == 0)); then
  say "everything is in place: $versions"
else
  say "waiting: ${waiting[*]}"
  kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=30s annotate node "$node_name" --overwrite \
    "casement/upgrade=${waiting[*]}" >&2
fi
