curl -G https://search.example.com/find -d q=hats -d page=2 --data-urlencode 'city=São Paulo'
curl -I https://search.example.com/
curl --head 'https://search.example.com/items/:id?x#part'
curl 'https://search.example.com/a' 'https://search.example.com/b'
curl -X PROPFIND https://search.example.com/dav/
curl --request=OPTIONS --url https://search.example.com/cors -H 'Origin: https://x.example'
curl -m 5 --max-redirs 0 https://search.example.com/slow
curl https://search.example.com/one --next -X POST -d a=1 https://search.example.com/two
curl -e https://from.example -A 'probe/1.0' -r 0-99 https://search.example.com/file
