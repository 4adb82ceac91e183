curl -d a=1 -d @note.txt https://data.example.com/mixed
curl --data-binary @photo.txt --data-raw @raw --data-binary @gone.txt https://data.example.com/parts
curl -d @note.txt -H 'Content-Type: text/plain' https://data.example.com/lines
curl -d @note.txt -H 'Content-Type: application/json' https://data.example.com/json
curl --json '{"a": 1,' --json '"b": 2}' https://data.example.com/joined
curl -d @gone.txt https://data.example.com/gone
curl -G -d q=1 -d @note.txt https://data.example.com/search
curl -H 'Content-Type: text/plain' -d @- https://data.example.com/here <<EOF
one
two
EOF
curl -H 'Content-Type: text/plain' --data-binary @- https://data.example.com/bytes <<EOF
one
two
EOF
