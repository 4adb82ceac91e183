curl --data-urlencode @note.txt -H 'Content-Type: text/plain' https://kinds.example.com/encoded
curl --data-urlencode 'note@note.txt' --data-urlencode "q=$TERM" https://kinds.example.com/fields
curl -G --data-urlencode 'note@note.txt' --data-urlencode 'gone@gone.txt' https://kinds.example.com/query
curl --url-query 'q=a b&c' --url-query '+raw=%20x' https://kinds.example.com/search
curl -F a=1 -d b=2 https://kinds.example.com/form
curl -T photo.txt -d b=2 https://kinds.example.com/raw/
curl -T photo.txt -F a=1 https://kinds.example.com/both
curl -G -F a=1 -d q=2 https://kinds.example.com/form-with-query
curl -I -d a=1 https://kinds.example.com/head
curl -F 'a=1;headers="X-A: b"' -F 'b=2;encoder=base64' https://kinds.example.com/parts
curl -H 'Content-Type:' -H 'X-Empty;' -d a=1 https://kinds.example.com/untyped
curl -u ann https://kinds.example.com/asks-for-password
