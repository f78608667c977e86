// Ends with 0 if the server in this container is alive: asks the admin HTTP for /healthz.
// CLACKS_HEALTH_URL says where it is, if not where `clacks init` puts it.
import http from 'node:http';
import https from 'node:https';

const url = new URL(process.env.CLACKS_HEALTH_URL ?? 'http://127.0.0.1:49880/healthz');
const timeoutMs = 4000;

const fail = (why) => {
  console.error(`${url.href}: ${why}`);
  process.exit(1);
};

// The certificate is for the server's name, and this is the machine itself: nothing is sent to it.
const options = { timeout: timeoutMs, rejectUnauthorized: false };
const request = (url.protocol === 'https:' ? https : http).get(url, options, (response) => {
  if (response.statusCode !== 200) fail(`status ${response.statusCode}`);
  response.resume();
});
request.on('timeout', () => fail(`no answer within ${timeoutMs} ms`));
request.on('error', (error) => fail(error.message));
