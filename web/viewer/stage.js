// Where the display lies in the window, in device pixels: one of the display is one of the screen, unless it must shrink.

/** How much the display is scaled. A host may have given another size than was asked for. */
export function stageScale({ fit, windowWidth, windowHeight, width, height }) {
	if (fit === 'exact')
		return 1;
	const scale = Math.min(windowWidth / width, windowHeight / height);
	// A few pixels of border are better than a picture that is blurred by a few pixels of scaling.
	return scale < 1 || scale > 1.1 ? scale : 1;
}

/** At a fractional ratio only the browser knows how it rounds. Under an emulated ratio it counts other pixels. */
function counted(computed, told) {
	return told !== undefined && Math.abs(told - computed) < 2 ? told : Math.round(computed);
}

export class Stage {
	/** `changed()` is called when the window's size in device pixels may have changed. */
	constructor({ backdrop, stage, canvas, changed }) {
		Object.assign(this, { backdrop, stage, canvas });
		this.fit = 'scale';
		this.display = null;
		this.video = { width: 0, height: 0 };
		this.windowWidth = this.windowHeight = 0;
		this.factor = 1; // of a pixel of the display, in pixels of the page's style
		this.measure();
		const observer = new ResizeObserver(([entry]) => {
			const [box] = entry.devicePixelContentBoxSize ?? [];
			this.measure(box);
			this.layout();
			changed();
		});
		try {
			observer.observe(backdrop, { box: 'device-pixel-content-box' });
		} catch {
			observer.observe(backdrop); // Safari
		}
	}

	/** By the ratio, and to the very pixel by the browser's own count, where it tells. */
	measure(box) {
		this.windowWidth = counted(innerWidth * devicePixelRatio, box?.inlineSize);
		this.windowHeight = counted(innerHeight * devicePixelRatio, box?.blockSize);
	}

	wantedMode(frameRate) {
		const within = (value, least, most) => Math.min(Math.max(value, least), most);
		return {
			width: within(this.windowWidth, 16, 16384),
			height: within(this.windowHeight, 16, 16384),
			refresh: frameRate * 1000,
			scale: within(Math.round(devicePixelRatio * 100), 50, 400),
		};
	}

	setFit(fit) {
		this.fit = fit;
		this.layout();
	}

	setDisplay(mode) {
		if (mode)
			this.display = mode;
		this.layout();
	}

	/** The decoded picture's own size: an odd display is encoded with one more row or column, which is cut off. */
	setVideoSize(width, height) {
		this.video = { width, height };
		this.layout();
	}

	setVideoElement(element) {
		this.videoElement = element;
	}

	layout() {
		const { display, windowWidth, windowHeight, fit, stage } = this;
		if (!display)
			return;
		const scale = stageScale({ fit, windowWidth, windowHeight, width: display.width, height: display.height });
		const factor = scale / devicePixelRatio;
		this.factor = factor;
		const place = (element, width, height) => {
			element.style.width = `${width * factor}px`;
			element.style.height = `${height * factor}px`;
		};
		place(stage, display.width, display.height);
		place(this.canvas, this.canvas.width, this.canvas.height);
		if (this.videoElement && this.video.width)
			place(this.videoElement, this.video.width, this.video.height);
		// In the middle, on whole device pixels.
		const centred = (window, size) => Math.max(0, Math.floor((window - size * scale) / 2)) / devicePixelRatio;
		stage.style.left = `${centred(windowWidth, display.width)}px`;
		stage.style.top = `${centred(windowHeight, display.height)}px`;
		this.backdrop.classList.toggle('scrolls', fit === 'exact' &&
			(display.width > windowWidth || display.height > windowHeight));
		this.moved?.();
	}
}
