# shellcheck shell=bash
# swap-off: no swap now and after every start, as kubelet expects.

if grep -Eq '^[^#].*[[:space:]]swap[[:space:]]' /etc/fstab 2>/dev/null; then
  [[ -e $state_folder/fstab ]] || cp -p /etc/fstab "$state_folder/fstab"
  table=$(sed -E 's/^([^#].*[[:space:]]swap[[:space:]].*)$/# casement: \1/' /etc/fstab)
  replace_file /etc/fstab "$(stat -c %a /etc/fstab)" <<<"$table"
fi
note_fact swap all
# The first line of /proc/swaps is a heading. A container shows the swap of its host, which is not its to turn off.
if (($(wc -l </proc/swaps) > 1)); then
  swapon --show=NAME --noheadings >>"$state_folder/swaps"
  swapoff --all
  (($(wc -l </proc/swaps) == 1)) || fail "swap is still on: $(tail -n+2 /proc/swaps)" "turn it off by hand: swapoff -a"
fi
