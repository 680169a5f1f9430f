// In and out: a token that is accepted becomes a cookie, which no script can read.

/** Why somebody is not logged in, or not out; its message is for the user. */
export class AccountError extends Error {}

/** Makes the browser show this token from now on, or fails with the server's reason. */
export async function logIn(token, fetch = globalThis.fetch) {
  await post('login', fetch, { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
}

/** Makes the browser forget its token. */
export async function logOut(fetch = globalThis.fetch) {
  await post('logout', fetch);
}

async function post(path, fetch, options = {}) {
  const answer = await fetch(path, { method: 'POST', ...options }).catch(() => {
    throw new AccountError('execgate does not answer. Is it running? Then try again.');
  });
  if (!answer.ok) throw new AccountError(await reasonOf(answer));
}

/** What the server says, as sentences. */
export async function reasonOf(answer) {
  const { message } = await answer.json().catch(() => ({}));
  return message ? sentence(message) : `execgate answered ${answer.status}.`;
}

function sentence(text) {
  return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
