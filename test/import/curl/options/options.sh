curl --insec --no-insecure --compressed 'https://options.example.com/items/[1-3]' 'https://options.example.com/{a,b}/c?f\[\]=1'
curl -g 'https://options.example.com/{a,b}' 'https://options.example.com/items/[1-3]'
curl 'https://options.example.com/items/[1-1000]'
curl --proto-default https options.example.com/scheme
curl -H 'Host: shop.example.com' -H 'Accept-Encoding: identity' -H 'Transfer-Encoding: chunked' -d a=1 https://options.example.com/headers
curl -H 'Host: options.example.com' -H 'Accept-Encoding: gzip' https://options.example.com/own-headers
curl -z 'Tue, 03 Jan 2023 12:00:00 GMT' -C 100 https://options.example.com/part
curl -z yesterday -C - https://options.example.com/unknown-date
curl -0 -n -p --digest -u ann:secret https://options.example.com/letters
curl --mail-auth me --proxy1.0 proxy:1080 --pubkey key --tftp-blksize 5 https://options.example.com/values
curl --pass secret -U ann:secret --proxy-header 'X-Key: secret' https://options.example.com/secrets
curl --post301 --location-trusted --tr-encoding --limit-rate 1k --etag-compare tag.txt https://options.example.com/changes
curl --pinnedpubkey sha256//a --crlfile list.pem --ciphers DEFAULT --doh-url https://dns.example https://options.example.com/connections
curl --variable host=a --expand-header 'X-Host: {{host}}' https://options.example.com/expanded
curl --no-such-option --silent https://options.example.com/misspelt
