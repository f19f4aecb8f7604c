#!/bin/sh
# backend.mjs, and when it was told to go and when it was gone, in milliseconds, in its log. SIGNAL is what SIGTERM becomes.
say() { echo "$*" >>"/log/$POD_NAME"; }
node /app/backend.mjs &
child=$!
trap 'say "told $(date +%s%3N)"; kill -"$SIGNAL" "$child"' TERM
say "address $POD_IP"
wait "$child"
# A signal ends the first one early.
wait "$child"
say "gone $(date +%s%3N)"
