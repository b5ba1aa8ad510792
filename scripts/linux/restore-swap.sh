# shellcheck shell=bash
# Takes back turn-swap-off.sh.

if [[ -e $state_folder/fstab ]]; then
  table=$(sed -E 's/^# casement: //' /etc/fstab)
  replace_file /etc/fstab "$(stat -c %a "$state_folder/fstab")" <<<"$table"
  rm -f "$state_folder/fstab"
fi
if [[ -s $state_folder/swaps ]]; then
  while IFS= read -r swap; do swapon "$swap" 2>/dev/null || say "could not turn $swap on again"; done \
    < <(sort -u "$state_folder/swaps")
  rm -f "$state_folder/swaps"
fi
