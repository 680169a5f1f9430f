// Deep links: `#cluster/namespace/pod/container?command=sh&command=-l`, one `command` for each word, as in the exec URL.
// A link only fills in the form. It never connects: else any page could make a visitor run a command.

/** What a location's hash asks for, or null. Container and command may be missing. */
export function parseLink(hash) {
  const [path, query = ''] = splitOnce(hash.replace(/^#/, ''), '?');
  const parts = path.split('/').map(decode);
  if (parts.length < 3 || parts.length > 4 || parts.some((part) => !part)) return null;
  const [cluster, namespace, pod, container = ''] = parts;
  return { cluster, namespace, pod, container, command: new URLSearchParams(query).getAll('command') };
}

/** The hash for a target. */
export function formatLink({ cluster, namespace, pod, container, command }) {
  const path = [cluster, namespace, pod, container].filter(Boolean).map(encodeURIComponent).join('/');
  return `#${path}?${new URLSearchParams(command.map((word) => ['command', word]))}`;
}

function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** A broken escape counts as an empty part, which makes the link none. */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
