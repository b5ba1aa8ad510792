# shellcheck shell=bash
# Packs what export-logs.sh has gathered, also where it was cut off by its time limit; prints the path of the archive.

folder=$(dirname "$here")
tar --create --gzip --file "$folder/collected.tar.gz" --directory "$folder/collected" .
# The folder is open to the SSH user alone, who fetches it.
chmod 644 "$folder/collected.tar.gz"
printf '%s\n' "$folder/collected.tar.gz"
