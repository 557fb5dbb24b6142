# Fills $STORE with the directories of weights that a release wants. Each appears whole or not at all, also when this is killed or
# another release writes at the same time. $WANTED has a line for each: directory, name, revision.
set -eu
cd "$STORE"
mkdir -p .locks .partial .releases

# Without locks, as some images and volumes are, several may download the same; one of the copies stays.
lock() {
  flock "$1" || echo "there are no locks here"
}

# What a release used last stays for its rollbacks; what no release names goes.
remember() {
  now=$(echo "$WANTED" | cut -d ' ' -f 1 | tr '\n' ' ')
  { echo " $now"; grep -svxF " $now" ".releases/$RELEASE" || true; } | head -n "$((KEEP + 1))" > ".partial/$RELEASE"
  mv ".partial/$RELEASE" ".releases/$RELEASE"
}

forget() {
  for whole in */.whole; do
    directory=${whole%/.whole}
    if [ -e "$whole" ] && ! grep -qF " $directory " .releases/*; then
      echo "$directory: no release names it any more"
      rm -rf "$directory"
    fi
  done
  find .partial -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} +
}

# The first one downloads, the others wait for it; a lock ends with its holder.
prepare() {
  exec 9> ".locks/$1"
  lock 9
  if [ -e "$1/.whole" ]; then
    echo "$1: it is there"
    return
  fi
  partial=.partial/$1.${HOSTNAME:-$$}
  download "$partial" "$2" "$3"
  touch "$partial/.whole"
  rm -rf "$1"
  mv "$partial" "$1"
  echo "$1: downloaded"
}

download() {
  case $SOURCE in
  hub) python3 -c "$DOWNLOAD" "$@" ;;
  s3)
    rm -rf "$1" # a file may have its size before it has its content
    PATH=$PATH:/ s5cmd --log error cp "$URI/$2/*" "$1/"
    ;;
  esac
}

exec 8> .locks/.releases
lock 8
remember
exec 8>&-
echo "$WANTED" | while read -r directory name revision; do
  prepare "$directory" "$name" "$revision"
done
exec 8> .locks/.releases
lock 8
forget
