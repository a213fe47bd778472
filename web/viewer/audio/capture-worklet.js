// In the audio thread: cuts what the microphone hears into pieces of one packet.

class Capture extends AudioWorkletProcessor {
	constructor({ processorOptions: { frames } }) {
		super();
		this.frames = frames;
		this.closed = false;
		this.begin();
		this.port.onmessage = () => {
			this.closed = true;
		};
	}

	begin() {
		this.piece = new Float32Array(this.frames);
		this.filled = 0;
	}

	process([input]) {
		const [samples] = input;
		for (let at = 0; samples && at < samples.length;) {
			const part = samples.subarray(at, at + this.frames - this.filled);
			this.piece.set(part, this.filled);
			this.filled += part.length;
			at += part.length;
			if (this.filled === this.frames) {
				this.port.postMessage(this.piece, [this.piece.buffer]);
				this.begin();
			}
		}
		return !this.closed;
	}
}

registerProcessor('lodge-capture', Capture);
