# shellcheck shell=bash
# Takes back set-kernel.sh: the settings as they were found, and the modules that it loaded where nothing uses them.

rm -f /etc/modules-load.d/casement.conf /etc/sysctl.d/99-casement.conf
if [[ -s $state_folder/sysctl ]]; then
  while IFS= read -r setting; do sysctl --quiet "$setting" || say "could not set back $setting"; done <"$state_folder/sysctl"
  rm -f "$state_folder/sysctl"
fi
if [[ -s $state_folder/modules ]]; then
  while IFS= read -r module; do modprobe --remove "$module" 2>/dev/null || say "$module stays loaded: it is in use"; done \
    < <(tac "$state_folder/modules")
  rm -f "$state_folder/modules"
fi
