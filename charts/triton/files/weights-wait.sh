# Waits until the Job has filled the claim.
set -eu
for directory in $WANTED; do
  while [ ! -e "$STORE/$directory/.whole" ]; do
    if [ "$LIMIT" -le 0 ]; then
      echo "$directory is not there: see kubectl logs -l app.kubernetes.io/component=weights,app.kubernetes.io/instance=$RELEASE"
      exit 1
    fi
    sleep 2
    LIMIT=$((LIMIT - 2))
  done
done
