// What the end of a session means, in words. Codes from 4400 to 4499 are 4000 plus the HTTP status of a refusal.

const HEADLINES = {
  1001: 'execgate is going away',
  1002: 'The WebSocket protocol was broken',
  1005: 'The session was closed without a reason',
  1006: 'The connection was lost',
  1007: 'The input was not valid base64',
  1008: 'A limit of the session was reached',
  1009: 'A message was too large',
  1011: 'The cluster could not be reached, or failed',
  1013: 'Too many sessions are open',
  4400: 'The request was not valid',
  4401: 'You are not logged in',
  4403: 'You may not do this',
  4404: 'There is no such pod or cluster',
};

const ADVICE = {
  1001: 'It is stopping or restarting. Reconnect in a moment.',
  1006: 'The network, a load balancer or a restart cut it off. What ran in the pod may still be running.',
  1013: 'Try again when others have ended.',
  4401: 'Log in, then try again.',
};

const NEVER_OPENED =
  'No session could be opened: execgate is not reachable, or it does not accept pages from this address (allowedOrigins).';

/**
 * `ending` is `{code, reason, statusText, opened, byUser}`: the close event, what channel 3 said, whether the WebSocket
 * ever opened, and whether Disconnect was pressed. Gives `{state: 'exited', exitCode, ...}` or `{state: 'closed', ...}`,
 * with a `headline` and a `detail` that may be empty.
 */
export function describeEnding(ending) {
  const { code, reason, statusText, opened, byUser } = ending;
  if (byUser) return closed(code, 'Disconnected', 'You closed this session.');
  if (!opened && code === 1006) return closed(code, 'No connection', NEVER_OPENED);
  if (code === 1000) return endedNormally(reason, statusText);
  const headline = HEADLINES[code] ?? refusalHeadline(code);
  return closed(code, headline, sentences(reason || statusText, ADVICE[code]));
}

/** 1000 is the end of the command: its exit code stands in the reason, and before v4 in the text of channel 3 too. */
function endedNormally(reason, statusText) {
  const exitCode = exitCodeIn(reason) ?? exitCodeIn(statusText);
  if (exitCode === undefined && statusText) return closed(1000, 'The command did not run', sentences(statusText));
  return { state: 'exited', exitCode: exitCode ?? 0, code: 1000, headline: '', detail: '' };
}

function exitCodeIn(text) {
  const found = text.match(/exit code (\d+)(?!.*exit code)/is);
  return found ? Number(found[1]) : undefined;
}

function closed(code, headline, detail) {
  return { state: 'closed', code, headline, detail };
}

function refusalHeadline(code) {
  return code >= 4400 && code <= 4499 ? `Refused (HTTP ${code - 4000})` : 'The session was closed';
}

/** Joins what is there, each as a sentence of its own. */
function sentences(...texts) {
  return texts
    .filter(Boolean)
    .map((text) => text.trim())
    .map((text) => text[0].toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.'))
    .join(' ');
}
