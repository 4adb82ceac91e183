import { WebSocket } from 'k6/websockets';
import { setTimeout } from 'k6/timers';
import exec from 'k6/execution';

export const options = {
  scenarios: {
    talk: { executor: 'constant-vus', vus: 2, duration: '30s' },
  },
};

const url = __ENV.WS_URL || 'ws://chat.example.com/live';

export default function () {
  const ws = new WebSocket('ws://chat.example.com/live', ['chat.v2']);
  ws.binaryType = 'arraybuffer';

  ws.addEventListener('open', () => {
    ws.send(`hello from ${exec.vu.idInTest} of ${exec.scenario.name}`);
    ws.addEventListener('message', (event) => {
      if (event.data === 'done') {
        ws.close(1000);
        return;
      }
      console.log('received', event.data);
      ws.send('next');
    });
  });
  ws.onclose = () => console.log('closed');

  const other = new WebSocket(url);
  other.onmessage = ({ data }) => {
    console.log(data);
    other.close();
  };
  other.onopen = () => {
    other.send('hi');
    setTimeout(() => other.send('again'), 50);
  };
}
