#!/usr/bin/env bash
set -euo pipefail
BASE=https://api.example.com/v2
API_TOKEN=${API_TOKEN:-none}

# List, then create, read and delete.
curl -sS "$BASE/users?page=1" -H "Authorization: Bearer $API_TOKEN" | jq .
curl -s -X POST "$BASE/users" -H "Authorization: Bearer $API_TOKEN" -H 'Content-Type: application/json' -d "{\"name\": \"Ann\", \"team\": \"${TEAM:-blue}\", \"age\": 31}"
curl -XPUT "$BASE/users/$USER_ID/avatar" --data-binary @avatar.txt -H Content-Type:text/plain
curl -fsSL -XDELETE "${BASE}/users/${USER_ID}" -o /dev/null -w '%{http_code}\n'
id=$(curl -s "$BASE/users/last" | jq -r .id)
curl "$BASE/users/$(date +%s)"
