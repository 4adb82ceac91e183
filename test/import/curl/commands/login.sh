curl -u admin:s3cret http://localhost:8080/admin/report
curl --user "ann" --basic http://localhost:8080/admin/audit
curl http://bob:hunter2@localhost:8080/private
curl --oauth2-bearer abc123 localhost:8080/me
curl -H 'X-Api-Key: k-123' localhost:8080/keys
curl --digest -u a:b localhost:8080/digest
