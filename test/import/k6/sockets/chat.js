import ws from 'k6/ws';
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';

const received = new Counter('messages_received');
const bytes = new Counter('bytes_received');
const points = new Counter('points');
const waited = new Trend('wait_for_message');

export const options = {
  vus: 1,
  duration: '10s',
  thresholds: { messages_received: ['rate>1'], ws_connecting: ['p(95)<500'], ws_session_duration: ['avg<20000'] },
};

const BASE = __ENV.BASE || 'https://chat.example.com';

export default function () {
  const url = `${BASE.replace('http', 'ws')}/rooms/${__VU}?lang=en`;
  const params = { headers: { 'X-Client': 'k6' }, tags: { name: 'room' } };
  const started = Date.now();

  const res = ws.connect(url, params, function (socket) {
    socket.on('open', function open() {
      // say hello
      socket.send(JSON.stringify({ type: 'hello' }));

      const pings = setInterval(function timer() {
        socket.send('ping');
      }, 100);
      socket.setTimeout(() => clearInterval(pings), 400);
    });

    socket.on('message', function (message) {
      received.add(1);
      bytes.add(message.length);
      const data = message.startsWith('{') ? JSON.parse(message) : { points: 2 };
      points.add(data.points || 3);
      waited.add(Date.now() - started);
    });

    socket.on('ping', () => console.log('PING!'));
    socket.on('close', () => console.log('disconnected'));
    socket.on('error', function (e) {
      if (e.error() != 'websocket: close sent') console.log('An unexpected error occured: ', e.error());
    });

    socket.setTimeout(function () {
      console.log('0.5 seconds passed, closing the socket');
      socket.close();
    }, 500);
  });

  check(res, { 'status is 101': (r) => r && r.status === 101 });
  http.get('https://chat.example.com/rooms');
  sleep(1);
}
