import http from "k6/http";
import { check } from "k6";
import { FormData } from "https://jslib.k6.io/formdata/0.0.2/index.js";
import encoding from "k6/encoding";
import crypto from "k6/crypto";

const image = open("./photo.bin", "b");
const note = open("./note.txt");

export const options = { vus: 3, iterations: 9 };

export function setup() {
  http.post("https://files.example.com/setup", { ready: 1 });
}

export default () => {
  const url = "https://files.example.com/upload";
  const res = http.post(url, { file: http.file(image, "photo.bin", "image/png"), title: "a photo" });
  check(res, { "uploaded": r => r.status === 200 });

  const fd = new FormData();
  fd.append("note", http.file(note, "note.txt", "text/plain"));
  fd.append("by", "ann");
  http.post(url, fd.body(), { headers: { "Content-Type": "multipart/form-data; boundary=" + fd.boundary } });

  const login = `${encoding.b64encode("ann:secret")}`;
  const digest = crypto.sha256("text", "hex");
  http.put("https://files.example.com/raw/note.txt", note, {
    headers: { Authorization: "Basic " + login, "X-Digest": digest, "X-Sum": crypto.hmac("sha256", "key", "text", "base64") },
    redirects: 0,
    responseCallback: http.expectedStatuses(200, 304),
  });
  http.request("PROPFIND", "https://files.example.com/dav/");
  http.options("https://files.example.com/raw", null, { timeout: 5000 });
};
