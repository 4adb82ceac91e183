PROXY=proxy.example.com:3128
curl -x "$PROXY" --noproxy '.internal.example.com, 10.0.0.1' --interface 10.0.0.9 https://shop.example.com/
curl -x http://proxy.example.com:3128 -6 --socks5 localhost:1080 https://shop.example.com/items
