// The chat as a web page: what you type goes to everybody, what others type comes to you.
import { ClacksClientError, connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { chatName, clockName } from '../src/names.ts';

const element = <Type extends HTMLElement>(id: string, type: new () => Type): Type => {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`The page has no ${id}.`);
  return found;
};

const loginForm = element('login', HTMLFormElement);
const url = element('url', HTMLInputElement);
const username = element('username', HTMLInputElement);
const password = element('password', HTMLInputElement);
const status = element('status', HTMLElement);
const chat = element('chat', HTMLElement);
const messages = element('messages', HTMLUListElement);
const sendForm = element('send', HTMLFormElement);
const text = element('text', HTMLInputElement);

/** Most messages that the page keeps. */
const maxMessages = 1000;

const show = (line: string, kind: 'others' | 'own' | 'clock'): void => {
  const item = document.createElement('li');
  // Text, never HTML: anybody may write anything.
  item.textContent = line;
  item.className = kind;
  messages.append(item);
  if (messages.children.length > maxMessages) messages.firstElementChild?.remove();
  item.scrollIntoView({ block: 'end' });
};

const chatWith = (client: Client): void => {
  client.listen(chatName, (signal) => {
    if (signal.type === 'set') show(signal.value, 'others');
  });
  client.listen(clockName, () => {
    show('Another minute has passed', 'clock');
  });
  client.on('disconnected', ({ reason }) => {
    status.textContent = `Not connected (${reason}). Trying again…`;
  });
  client.on('reconnected', () => {
    status.textContent = 'Connected again. What others said meanwhile is lost.';
  });
  client.on('closed', ({ error }) => {
    status.textContent = error?.message ?? 'You have left.';
    chat.hidden = true;
    loginForm.hidden = false;
  });
  client.on('serverError', (error) => {
    status.textContent = `The server says: ${error}`;
  });
  // What is said while there is no connection is sent as soon as there is one.
  sendForm.onsubmit = (event) => {
    event.preventDefault();
    if (text.value === '') return;
    void client.set(chatName, text.value);
    // A client does not get back what it sends itself.
    show(text.value, 'own');
    text.value = '';
  };
};

const logIn = async (): Promise<void> => {
  status.textContent = 'Connecting…';
  const client = await connect({
    url: url.value,
    username: username.value,
    password: password.value,
    name: 'chatpage',
  });
  chatWith(client);
  await client.flush();
  status.textContent = `Connected to ${client.serverInfo}.`;
  loginForm.hidden = true;
  chat.hidden = false;
  text.focus();
};

loginForm.addEventListener('submit', (event) => {
  event.preventDefault();
  logIn().catch((error: unknown) => {
    if (!(error instanceof ClacksClientError) && !(error instanceof TypeError)) throw error;
    status.textContent = error.message;
  });
});

const settings = (await (await fetch('settings.json')).json()) as { readonly url: string };
url.value = settings.url;
