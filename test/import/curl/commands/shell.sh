#!/bin/sh
export TOKEN=abc123
BASE=http://localhost:8080
curl -H "Authorization: Bearer $TOKEN" "$BASE/me"
API_KEY=k-1 curl -H "X-Api-Key: $API_KEY" "$BASE/keys"
curl "$BASE/users/${USER_ID:-7}"
readonly LANGUAGE=en
curl -G "$BASE/search" --data-urlencode "lang=$LANGUAGE" --data-urlencode "q=$TERM"
