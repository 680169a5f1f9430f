// Joins a container's main process: node attach.mjs POD CONTAINER, with --listen to send nothing.
import { Attach, KubeConfig } from '@kubernetes/client-node';

const listens = process.argv.includes('--listen');
const [pod, container] = process.argv.slice(2).filter((word) => word !== '--listen');
const { stdin, stdout, stderr } = process;

const config = new KubeConfig();
config.loadFromDefault();
const socket = await new Attach(config).attach('default', pod, container, stdout, stderr, listens ? null : stdin, false);
socket.onclose = () => process.exit();
