// Runs a command in a container: node exec.mjs [--tty] POD CONTAINER COMMAND...
import { Exec, KubeConfig } from '@kubernetes/client-node';

const words = process.argv.slice(2);
const tty = words[0] === '--tty' && words.shift() === '--tty';
const [pod, container, ...command] = words;
const { stdin, stdout, stderr } = process;

const config = new KubeConfig();
config.loadFromDefault();
// Not process.exit(), which drops output that still waits for its reader.
const leave = (code) => {
  if (tty) stdin.setRawMode(false);
  process.exitCode = code;
  stdin.destroy();
};
const exitCode = ({ status, details }) =>
  status === 'Success' ? 0 : Number(details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message ?? 1);

if (tty) stdin.setRawMode(true);
try {
  // A standard output that is a terminal tells its size, at first and when it changes, by itself.
  const socket = await new Exec(config).exec('default', pod, container, command, stdout, tty ? null : stderr, stdin, tty, (status) =>
    leave(exitCode(status)),
  );
  // Without a status nobody calls back.
  socket.onclose = () => process.exitCode ?? leave(1);
} catch (refusal) {
  console.error(refusal.message);
  leave(1);
}
