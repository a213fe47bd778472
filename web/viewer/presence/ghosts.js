// Where the others point: an arrow with a name for each, over the picture. It is only ever moved by its transform, at
// most once a frame; places are in pixels of the display, as the host tells them.

const SVG = 'http://www.w3.org/2000/svg';
const ARROW = 'M1 1v15.5l4.2-3.7 2.7 6.2 3.2-1.4-2.7-6.1 5.6-.5z';
const REST_MS = 3000;

function drawArrow() {
	const svg = document.createElementNS(SVG, 'svg');
	svg.setAttribute('viewBox', '0 0 16 21');
	const path = document.createElementNS(SVG, 'path');
	path.setAttribute('d', ARROW);
	svg.append(path);
	return svg;
}

class Ghost {
	constructor(layer, { name, colour }) {
		this.x = this.y = 0;
		this.restsAt = 0;
		this.label = document.createElement('bdi');
		this.element = document.createElement('div');
		this.element.className = `ghost colour-${colour}`;
		this.element.append(drawArrow(), this.label);
		this.rename(name);
		layer.append(this.element);
	}

	rename(name) {
		if (this.label.textContent !== name)
			this.label.textContent = name;
	}

	/** `width`, `height`: of the display. The name stays within it. */
	place(factor, { width, height }) {
		this.element.style.transform = `translate3d(${this.x * factor}px, ${this.y * factor}px, 0)`;
		this.element.classList.toggle('leftwards', this.x > width * 0.75);
		this.element.classList.toggle('upwards', (height - this.y) * factor < 60);
	}
}

export class Ghosts {
	/** `find(person)` → {name, colour} or null; `stage`: its display and factor. */
	constructor({ host, stage, find }) {
		Object.assign(this, { host, stage, find });
		this.ghosts = new Map();
		this.moving = new Set();
		this.layer = null;
		this.frame = 0;
		this.timer = null;
	}

	point({ person, visible, x, y }) {
		if (!visible) {
			this.remove(person);
			return;
		}
		const ghost = this.ghosts.get(person) ?? this.add(person);
		Object.assign(ghost, { x, y, restsAt: performance.now() + REST_MS });
		this.moving.add(ghost);
		this.frame ||= requestAnimationFrame(() => this.draw());
		this.timer ??= setTimeout(() => this.fade(), REST_MS);
	}

	add(person) {
		if (!this.layer) {
			this.layer = document.createElement('div');
			this.layer.className = 'ghosts';
			this.layer.setAttribute('aria-hidden', 'true');
			this.host.append(this.layer);
		}
		const ghost = new Ghost(this.layer, this.find(person));
		this.ghosts.set(person, ghost);
		return ghost;
	}

	draw() {
		this.frame = 0;
		const { factor, display } = this.stage;
		for (const ghost of this.moving) {
			ghost.place(factor, display);
			ghost.element.classList.remove('resting');
		}
		this.moving.clear();
	}

	/** The display has another place or scale. */
	moved() {
		if (this.ghosts.size === 0)
			return;
		for (const ghost of this.ghosts.values())
			ghost.place(this.stage.factor, this.stage.display);
	}

	/** Who has rested is faded out; the next one in time is waited for. */
	fade() {
		this.timer = null;
		const now = performance.now();
		let next = Infinity;
		for (const ghost of this.ghosts.values()) {
			if (ghost.restsAt <= now)
				ghost.element.classList.add('resting');
			else
				next = Math.min(next, ghost.restsAt);
		}
		if (next < Infinity)
			this.timer = setTimeout(() => this.fade(), next - now);
	}

	rename() {
		for (const [person, ghost] of this.ghosts)
			ghost.rename(this.find(person)?.name ?? '');
	}

	keepOnly(isHere) {
		for (const person of [...this.ghosts.keys()]) {
			if (!isHere(person))
				this.remove(person);
		}
	}

	remove(person) {
		const ghost = this.ghosts.get(person);
		if (!ghost)
			return;
		this.ghosts.delete(person);
		this.moving.delete(ghost);
		ghost.element.remove();
		if (this.ghosts.size === 0)
			this.stop();
	}

	clear() {
		for (const person of [...this.ghosts.keys()])
			this.remove(person);
	}

	stop() {
		cancelAnimationFrame(this.frame);
		clearTimeout(this.timer);
		this.frame = 0;
		this.timer = null;
		this.layer.remove();
		this.layer = null;
	}
}
