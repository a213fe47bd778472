// Where decoded pictures go: a <video> fed by a generated track where the browser has one (7 ms to the screen), else
// a canvas that takes the newest picture at each animation frame.

/** Both: show(videoFrame, timestampUs) takes the picture; shown(timestampUs) tells that it is on the screen. */
export function createSurface(host, events) {
	return 'MediaStreamTrackGenerator' in globalThis ? new TrackSurface(host, events) : new CanvasSurface(host, events);
}

class TrackSurface {
	constructor(host, { shown, resized }) {
		this.kind = 'video';
		this.generator = new MediaStreamTrackGenerator({ kind: 'video' });
		this.writer = this.generator.writable.getWriter();
		const video = document.createElement('video');
		video.muted = true;
		video.autoplay = true;
		video.playsInline = true;
		video.disablePictureInPicture = true;
		video.srcObject = new MediaStream([this.generator]);
		video.addEventListener('resize', () => resized(video.videoWidth, video.videoHeight));
		host.prepend(video);
		this.element = video;
		const onFrame = (now, metadata) => {
			shown(Math.round(metadata.mediaTime * 1e6));
			video.requestVideoFrameCallback(onFrame);
		};
		video.requestVideoFrameCallback(onFrame);
	}

	show(picture) {
		this.writer.write(picture).catch(() => picture.close());
		if (this.element.paused)
			this.element.play().catch(() => {});
	}
}

class CanvasSurface {
	constructor(host, { shown, resized }) {
		this.kind = 'canvas';
		this.element = document.createElement('canvas');
		this.context = this.element.getContext('2d', { alpha: false });
		this.newest = null;
		this.timestamp = 0;
		this.shown = shown;
		this.resized = resized;
		this.draw = this.draw.bind(this);
		host.prepend(this.element);
	}

	show(picture, timestamp) {
		if (this.newest)
			this.newest.close();
		else
			requestAnimationFrame(this.draw);
		this.newest = picture;
		this.timestamp = timestamp;
	}

	draw() {
		const picture = this.newest;
		this.newest = null;
		const { codedWidth, codedHeight } = picture;
		const width = picture.displayWidth || codedWidth;
		const height = picture.displayHeight || codedHeight;
		if (this.element.width !== width || this.element.height !== height) {
			this.element.width = width;
			this.element.height = height;
			this.resized(width, height);
		}
		this.context.drawImage(picture, 0, 0, width, height);
		picture.close();
		this.shown(this.timestamp);
	}
}
