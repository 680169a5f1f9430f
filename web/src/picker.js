// The form: cluster, pod, container and command. What the server lists fills it; a deep link may name what is not listed.
import { joinCommand, splitCommand } from './command.js';

const form = document.querySelector('#target');
const { cluster, pod, container, command } = form.elements;

/** The pods of each cluster whose list has come. */
let lists = new Map();

/** What a link asks for, until the user chooses otherwise. */
let wanted = null;

/** Fills the form with what the user may choose from. */
export function offerTargets({ clusters = [], commands = [] }) {
  lists = new Map();
  document.querySelector('#commands').replaceChildren(...commands.map((text) => new Option('', text)));
  if (command.value === '' && commands.length > 0) command.value = commands[0];
  fill(cluster, clusters.map(({ name }) => option(name)), wanted?.cluster ?? cluster.value);
  offer();
}

/** Fills in the pods of a cluster, whether it is the chosen one or not. */
export function offerPods(name, pods) {
  lists.set(name, pods);
  if (name === cluster.value) offer(pod.value, container.value);
}

/** Selects what a link asks for, listed or not: whether the user may is execgate's to say. */
export function choose(link) {
  wanted = link;
  if (link.command.length > 0) command.value = joinCommand(link.command);
  insist(cluster, link.cluster);
  offer();
}

/** What is chosen, or null while no pod is. A command that can't be split is an error for the user. */
export function chosen() {
  const [namespace, name] = pod.value.split('/');
  if (!cluster.value || !name) return null;
  const words = splitCommand(command.value);
  if (words.length === 0) throw new SyntaxError('There is no command. Most containers have sh.');
  return { cluster: cluster.value, namespace, pod: name, container: container.value, command: words };
}

/** The name of the chosen cluster; empty without one. */
export function chosenCluster() {
  return cluster.value;
}

/** Whether the pods of a cluster are listed already. */
export function isListed(name) {
  return lists.has(name);
}

/** Calls back when the user has changed something. */
export function onChoice(changed) {
  cluster.addEventListener('change', () => {
    wanted = null;
    offer(pod.value, container.value);
  });
  pod.addEventListener('change', () => {
    wanted = null;
    offerContainers(container.value);
  });
  form.addEventListener('change', changed);
}

/** Offers what is known of the chosen cluster, and selects what a link wants, or these. */
function offer(wantedPod, wantedContainer) {
  const link = wanted?.cluster === cluster.value ? wanted : null;
  const groups = [...Map.groupBy(listed(), ({ namespace }) => namespace)].map(([namespace, members]) => {
    const group = document.createElement('optgroup');
    group.label = namespace;
    group.append(...members.map(({ name }) => option(`${namespace}/${name}`, name)));
    return group;
  });
  fill(pod, groups, wantedPod);
  if (link) insist(pod, `${link.namespace}/${link.pod}`);
  offerContainers(wantedContainer);
  if (link?.container) insist(container, link.container);
}

function offerContainers(wantedContainer) {
  const found = listed().find(({ namespace, name }) => `${namespace}/${name}` === pod.value);
  fill(container, (found?.containers ?? []).map((name) => option(name)), wantedContainer);
}

function listed() {
  return lists.get(cluster.value) ?? [];
}

/** Replaces a select's choices and selects the wanted one, or the first. */
function fill(select, choices, value) {
  select.replaceChildren(...choices);
  select.value = value;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}

/** Selects a value, added if it is not listed. */
function insist(select, value) {
  select.value = value;
  if (select.selectedIndex < 0) select.add(new Option(value, value, true, true));
}

function option(value, text = value) {
  return new Option(text, value);
}
