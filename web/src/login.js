// The login form, in the place of the terminal.
import { logIn } from './account.js';

const form = document.querySelector('#login');
const { token } = form.elements;
const [button, why] = [form.querySelector('button'), form.querySelector('[role="alert"]')];

/** Calls back once a token was accepted. */
export function onLogin(loggedIn) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    why.textContent = '';
    try {
      await logIn(token.value);
      token.value = '';
      loggedIn();
    } catch (error) {
      why.textContent = error.message;
      token.select();
    } finally {
      button.disabled = false;
    }
  });
}

/** Asks for a token. `words` say why, to somebody who had one. */
export function showLogin(words = '') {
  form.hidden = false;
  why.textContent = words;
  token.focus();
}

export function hideLogin() {
  form.hidden = true;
}
