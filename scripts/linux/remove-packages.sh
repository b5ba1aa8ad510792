# shellcheck shell=bash
# Takes back install-packages.sh: only the packages that it installed.

if [[ -s $state_folder/packages ]]; then
  mapfile -t ours < <(sort -u "$state_folder/packages")
  say "removing ${ours[*]}"
  apt-get -o DPkg::Lock::Timeout=300 purge --yes --autoremove "${ours[@]}" >&2
  rm -f "$state_folder/packages"
fi
