curl -k -L --compressed -x http://proxy:3128 --cert client.pem --retry 3 'https://internal.example.com/health'
curl --json '{"query": "{ cart { total } }", "big": 12345678901234567890}' https://internal.example.com/graphql
curl --json '{"query": "{ me { id } }"}' -H 'Accept: application/graphql-response+json' https://internal.example.com/graphql
for n in 1 2 3; do
  curl -s "https://internal.example.com/items/$n" || echo failed
done
if true; then curl https://internal.example.com/items/7; fi
curl -H @headers.txt -b cookies.txt https://internal.example.com/me
