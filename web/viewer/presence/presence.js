// Who else is here, shown: the list in a corner, the others' pointers, and whose turn it is. Fetched by ../company.js;
// what it adds to the page goes when there is nothing to show.

import { Control, PersonChange } from '../protocol.js';
import { isolated } from '../standing.js';
import { batch, effect, html, render, signal } from '../vendor/preact.js';
import { Gathering, namesInWords } from './announce.js';
import { Ghosts } from './ghosts.js';
import { Overlay } from './overlay.js';
import { People } from './people.js';

const SAID_MS = 6000;
const MANY = 100; // of whom more is not listed

/** Everything that the components read: signals, and what they may do. */
class Presence {
	constructor({ session, settings, translator, stage, display, elements, here }) {
		Object.assign(this, { session, settings, translator, stage, display, elements, here });
		this.standing = session.standing;
		this.model = new People();
		this.people = signal([]); // at most MANY
		this.count = signal(0);
		this.said = signal(''); // for everybody, aloud and beside the list
		this.focusWanted = signal(0); // counts how often the overlay was asked for by its keys
		this.focusSeen = 0; // of those, how often it got the focus
		this.gathering = new Gathering((joined, left) => this.sayComingsAndGoings(joined, left));
		this.ghosts = new Ghosts({ host: elements.stage, stage, find: (person) => this.model.find(person) });
		this.root = null;
		this.drawn = 0;
		this.driver = null;
		this.commands = {
			steer: (action, session) => this.session.steer(action, session),
			toggleControl: () => this.toggleControl(),
			focusDisplay: () => this.display.focus(),
		};
		effect(() => this.settings.showPeople.value || this.ghosts.clear());
	}

	// ── what the host says

	receive(message) {
		if (message.type === 'POINTER')
			this.takePointer(message);
		else if (message.type === 'PERSON')
			this.takePerson(message);
		else
			this.takeControlState(message);
	}

	takePerson(message) {
		const news = this.model.apply(message, performance.now());
		if (this.settings.showPeople.peek())
			this.gathering.add(news);
		if (message.change !== PersonChange.HERE)
			this.ghosts.keepOnly((person) => this.model.find(person));
		this.drawn ||= requestAnimationFrame(() => this.draw());
	}

	/** Many messages of one instant are one change of the page. */
	draw() {
		cancelAnimationFrame(this.drawn);
		this.drawn = 0;
		const all = this.model.list();
		batch(() => {
			this.count.value = all.length;
			this.people.value = all.slice(0, MANY);
		});
		this.ghosts.rename();
		this.appearOrGo();
	}

	takePointer(message) {
		if (message.visible)
			this.standing.pointsLast.value = message.person;
		const person = this.model.find(message.person);
		if (person && !person.self && this.settings.showPeople.peek())
			this.ghosts.point(message);
	}

	takeControlState() {
		const control = this.standing.control.peek();
		const own = this.standing.session.peek();
		const driver = control === null ? null : control.holder;
		const hasIdled = this.driver !== null && this.driver === own && driver !== own && this.standing.hasIdled(performance.now());
		const isNews = this.root !== null && this.driver !== driver && !this.isQuiet();
		this.appearOrGo();
		if (isNews && this.root)
			this.sayDriver(control, hasIdled);
		this.driver = driver;
	}

	/** Who is there and who drives is told to us for the first time, not news. Nobody may be told of, but control. */
	isQuiet() {
		return this.count.peek() > 0 && this.model.isQuiet(performance.now());
	}

	lost() {
		this.model.forgetAll();
		this.gathering.clear();
		this.ghosts.clear();
		this.said.value = '';
		this.driver = null;
		this.draw();
	}

	moved() {
		this.ghosts.moved();
	}

	// ── to be seen, or not to be

	appearOrGo() {
		const control = this.standing.control.peek() !== null;
		const wanted = this.count.peek() > 0 || control;
		const before = this.here.peek();
		if (!wanted)
			this.here.value = null;
		else if (before?.control !== control)
			this.here.value = { control };
		if (wanted && !this.root)
			this.appear();
		else if (!wanted && this.root)
			this.go();
	}

	appear() {
		this.style = document.createElement('link');
		this.style.rel = 'stylesheet';
		this.style.href = new URL('./presence.css', import.meta.url);
		this.root = document.createElement('div');
		this.root.hidden = true; // until it is dressed
		const { root } = this;
		this.style.onload = this.style.onerror = () => root.removeAttribute('hidden');
		document.head.append(this.style);
		this.elements.before.before(root);
		document.addEventListener('keydown', this, { capture: true });
		render(html`<${Overlay} presence=${this} />`, root);
	}

	go() {
		document.removeEventListener('keydown', this, { capture: true });
		clearTimeout(this.saidTimer);
		this.said.value = '';
		render(null, this.root);
		this.root.remove();
		this.style.remove();
		this.root = this.style = null;
	}

	// ── keys, wherever the focus is; what the display holds goes up first

	handleEvent(event) {
		if (!event.ctrlKey || !event.altKey || !event.shiftKey || event.repeat)
			return;
		const isControl = event.code === 'KeyC' && this.standing.control.peek() !== null;
		const isList = event.code === 'KeyP' && (this.settings.showPeople.peek() || this.mustAnswer());
		if (!isControl && !isList)
			return;
		event.preventDefault();
		event.stopPropagation();
		this.display.releaseAll();
		if (isControl)
			this.toggleControl();
		else
			this.focusWanted.value++;
	}

	mustAnswer() {
		return this.standing.holds && this.standing.control.peek().asking !== 0;
	}

	toggleControl() {
		const control = this.standing.control.peek();
		if (this.standing.holds)
			this.session.steer(Control.RELEASE);
		else
			this.session.steer(control.place ? Control.WITHDRAW : Control.REQUEST);
	}

	// ── words

	say(words) {
		this.said.value = words;
		clearTimeout(this.saidTimer);
		this.saidTimer = setTimeout(() => {
			this.said.value = '';
		}, SAID_MS);
	}

	sayComingsAndGoings(joined, left) {
		const { t, language } = this.translator;
		const sentence = (prefix, names) => (names.length === 0 ? '' : t(`${prefix}_${names.length > 1 ? 'many' : 'one'}`, {
			names: namesInWords(names.map(isolated), language.peek(), (count) => t('people_others', { count })),
		}));
		this.say([sentence('joined', joined), sentence('left', left)].filter(Boolean).join(' '));
	}

	/** `hasIdled`: it was ours until now, and went by itself. */
	sayDriver(control, hasIdled) {
		const { t } = this.translator;
		if (control === null) {
			this.say(t('now_free'));
			return;
		}
		if (this.standing.holds) {
			this.say(t('now_yours'));
			return;
		}
		const now = control.holder ? t('now_other', { name: isolated(control.holderName) }) : t('now_nobody');
		this.say(hasIdled ? `${t('now_idled')} ${now}` : now);
	}
}

/** {receive(message), lost(), moved()}, see ../company.js. */
export function createPresence(context) {
	return new Presence(context);
}
