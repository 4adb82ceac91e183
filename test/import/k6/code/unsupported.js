import http from 'k6/http';
import ws from 'k6/ws';
import grpc from 'k6/net/grpc';
import { browser } from 'k6/browser';
import { check, sleep } from 'k6';

const client = new grpc.Client();
client.load(['definitions'], 'hello.proto');

class Page {
  constructor(url) { this.url = url; }
  open() { return http.get(this.url); }
}

export const options = {
  cloud: { projectID: 1 },
  tlsAuth: [],
  vus: __ENV.VUS || 5,
  duration: __ENV.DURATION || '30s',
};

export default function () {
  const page = new Page('https://a.example.com/');
  page.open();
  const res = ws.connect('wss://a.example.com/ws', {}, function (socket) {
    socket.on('open', () => socket.close());
  });
  check(res, { 'status is 101': (r) => r && r.status === 101 });
  client.connect('a.example.com:443', {});
  const jar = http.cookieJar();
  jar.set('https://a.example.com', 'k', 'v');
  const home = http.get('https://a.example.com/', { cookies: { a: 'b' } });
  const title = home.html('title').text();
  check(home, {
    'title is right': () => title === 'A',
    'is small': (r) => r.body.length < 1e6,
    'quick': (r) => r.timings.waiting < 200,
  });
  send('/send', {}, { headers: { c: 'd' } });
  let last = http.get('https://a.example.com/last');
  check(last, { 'has a cookie': (r) => r.cookies.sid[0].value === 'x', 'is new': (r) => r.tls_version.endsWith('3'), 'is ok': (r) => r.status === 200 });
  if (last.status > 300) sleep(1);
  outer: for (const a of [1, 2]) { for (const b of [1, 2]) { if (a === b) continue outer; } }
  sleep(1);
}

const send = (path, { tags = {}, ...rest }, more) => http.post(`https://a.example.com${path}`, rest.body, { headers: { 'x-a': 'b' }, tags, ...more });
