// The form: cluster, pod, container and command. What GET /targets lists fills it; a deep link may name what is not listed.
import { joinCommand, splitCommand } from './command.js';

const form = document.querySelector('#target');
const { cluster, pod, container, command } = form.elements;

let clusters = [];

/** Fills the form with what the user may choose from. */
export function offerTargets(targets) {
  clusters = targets.clusters ?? [];
  document.querySelector('#commands').replaceChildren(...(targets.commands ?? []).map((text) => new Option('', text)));
  fill(cluster, clusters.map(({ name }) => option(name)), cluster.value);
  offerPods(pod.value, container.value);
}

/** Selects what a link asks for, listed or not: whether the user may is execgate's to say. */
export function choose(link) {
  insist(cluster, link.cluster);
  offerPods();
  insist(pod, `${link.namespace}/${link.pod}`);
  offerContainers();
  if (link.container) insist(container, link.container);
  if (link.command.length > 0) command.value = joinCommand(link.command);
}

/** What is chosen, or null while no pod is. A command that can't be split is an error for the user. */
export function chosen() {
  const [namespace, name] = pod.value.split('/');
  if (!cluster.value || !name) return null;
  const words = splitCommand(command.value);
  if (words.length === 0) throw new SyntaxError('There is no command. Most containers have sh.');
  return { cluster: cluster.value, namespace, pod: name, container: container.value, command: words };
}

/** Calls back when the user has changed something. */
export function onChoice(changed) {
  cluster.addEventListener('change', () => offerPods(pod.value, container.value));
  pod.addEventListener('change', () => offerContainers(container.value));
  form.addEventListener('change', changed);
}

function offerPods(wantedPod, wantedContainer) {
  const pods = podsOf(cluster.value);
  const groups = [...Map.groupBy(pods, ({ namespace }) => namespace)].map(([namespace, members]) => {
    const group = document.createElement('optgroup');
    group.label = namespace;
    group.append(...members.map(({ name }) => option(`${namespace}/${name}`, name)));
    return group;
  });
  fill(pod, groups, wantedPod);
  offerContainers(wantedContainer);
}

function offerContainers(wanted) {
  const found = podsOf(cluster.value).find(({ namespace, name }) => `${namespace}/${name}` === pod.value);
  fill(container, (found?.containers ?? []).map((name) => option(name)), wanted);
}

function podsOf(name) {
  return clusters.find((each) => each.name === name)?.pods ?? [];
}

/** Replaces a select's choices and selects the wanted one, or the first. */
function fill(select, choices, wanted) {
  select.replaceChildren(...choices);
  select.value = wanted;
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
