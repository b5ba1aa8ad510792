# shellcheck shell=bash
# images-present: every image archive of the stack file is in containerd.

record=$state_folder/archives
touch "$record"
present() { [[ -n $(ctr --namespace k8s.io images ls -q name=="$1") ]]; }
# What was imported once may be gone: taken away to make room, or by a power cut.
present "$pause_image" || : >"$record"
for index in "${!archive_urls[@]}"; do
  url=${archive_urls[$index]} digest=${archive_digests[$index]} archive=$state_folder/images.tar
  grep -qxF "$digest" "$record" && continue
  fetch "$url" "$digest" "$archive"
  say "importing $url"
  ctr --namespace k8s.io images import --local "$archive" >&2 ||
    fail "containerd does not take $url" "it must be an archive as 'docker save' or 'ctr images export' makes it"
  rm -f "$archive"
  printf '%s\n' "$digest" >>"$record"
done
if ! present "$pause_image"; then
  say "pulling $pause_image"
  crictl pull "$pause_image" >&2 ||
    fail "cannot pull $pause_image" "let this machine reach the registry, set a proxy, or bring the image in an archive (imageArchives)"
fi
