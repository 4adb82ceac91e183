curl -k --cacert ca.pem --cert client-0.pem --key client-0.key --tlsv1.2 https://secure.example.com/health
curl -sk --noproxy localhost,127.0.0.1 -4 --http2 --resolve secure.example.com:443:10.0.0.5 https://secure.example.com/items
curl -G --data-urlencode 'q=a b' --data-urlencode 'text@note.txt' -u ann -H 'Connection: close' https://secure.example.com/search
curl -F 'doc=@photo.txt;type=text/markdown' -F 'files=@photo.txt,avatar.txt' -F 'about=<avatar.txt' -F 'json={"a":1};type=application/json' -F '"q"=x' https://secure.example.com/upload
curl --data-binary @photo.txt -H 'Content-Type: text/plain' https://secure.example.com/text
curl -T avatar.txt https://secure.example.com/raw/
curl -X POST https://secure.example.com/graphql -H 'Content-Type: application/json' -d '{"query": "query Cart($id: ID!) { cart(id: $id) { total } }", "variables": {"id": 7}, "operationName": "Cart"}'
curl -x http://user:pass@proxy.example.com:3128 --cert locked.pem:secret --pass secret https://secure.example.com/proxied
