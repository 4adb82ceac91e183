import http from 'k6/http';
import { parseHTML } from 'k6/html';
import { check, group, sleep } from 'k6';

export const options = { vus: 2, duration: '20s', thresholds: { checks: ['rate>0.9'] } };

const BASE = 'https://forum.example.com';

export default function () {
  const res = http.get(`${BASE}/form`);
  const token = res.html().find('input[name=csrf_token]').first().attr('value');
  http.post(`${BASE}/login`, { csrf_token: token, user: 'ann' });

  group('form', function () {
    let page = http.get(`${BASE}/login`);
    check(page, { 'login page': (r) => r.status === 200 });
    page = page.submitForm({
      formSelector: 'form',
      fields: { user: 'ann', password: 'secret' },
      params: { tags: { name: 'sign in' } },
    });
    check(page, { 'signed in': (r) => r.status < 400 });
  });

  const list = http.get(`${BASE}/catalogue`);
  check(list, {
    'has a link': (r) => r.html('a').attr('href') !== undefined,
    'is named': (r) => r.html().find('a').text().includes('cart'),
  });
  const doc = parseHTML(list.body);
  const links = doc.find('a[href]');
  console.log(`${links.size()} links on a page of ${list.body.length} characters`);
  links.each(function (index, link) {
    console.log(`${index}: ${link.getAttribute('href')}`);
  });
  const texts = doc.find('a').map((index, element) => element.text());
  const last = doc.find('form').children('input').last();
  if (last.attr('name') && texts.length > 0) {
    list.clickLink({ selector: 'a[href]' });
  }
  sleep(1);
}
