// Copies a file or folder: node cp.mjs to POD CONTAINER LOCAL REMOTE, or from POD CONTAINER LOCAL REMOTE.
import { Cp, Exec, KubeConfig } from '@kubernetes/client-node';
import { basename, dirname } from 'node:path';

const [direction, pod, container, local, remote] = process.argv.slice(2);

/** Cp returns before anything is copied; the status of its command is what tells the end. */
class Awaited extends Exec {
  async exec(...words) {
    const told = words.pop();
    const { promise, resolve, reject } = Promise.withResolvers();
    this.ended = promise;
    return super.exec(...words, (status) => told(status).then(() => resolve(status), reject)).catch(reject);
  }
}

const config = new KubeConfig();
config.loadFromDefault();
const exec = new Awaited(config);
const cp = new Cp(config, exec);
if (direction === 'to') await cp.cpToPod('default', pod, container, local, remote);
else await cp.cpFromPod('default', pod, container, basename(remote), local, dirname(remote));
const { status, message } = await exec.ended;
if (status !== 'Success') throw new Error(message);
