curl -F 'title=Holiday' -F 'photo=@photo.txt;type=text/plain;filename="beach.txt"' -F missing=@gone.bin --form-string 'note=@not a file' https://files.example.com/upload
curl -T photo.txt https://files.example.com/raw/photo.txt
curl --data-urlencode 'q=a b&c' --data-urlencode 'plain' -d 'x=1' https://files.example.com/search
curl -d '<order id="1"/>' -H 'Content-Type: application/xml' https://files.example.com/orders
curl -d '' https://files.example.com/empty
curl https://files.example.com/broken -H 'Content-Type: application/json' -d '{"a": 1,'
