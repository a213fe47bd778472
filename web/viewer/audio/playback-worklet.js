// In the audio thread: takes decoded packets in and plays them when they are due.

import { JitterBuffer } from './jitter.js';

const REPORT_EVERY_S = 0.1;

class Playback extends AudioWorkletProcessor {
	constructor({ processorOptions }) {
		super();
		this.buffer = new JitterBuffer({ ...processorOptions, outputRate: sampleRate });
		this.closed = false;
		this.peak = 0;
		this.reportAt = currentTime;
		this.port.onmessage = ({ data }) => {
			if (data.close)
				this.closed = true;
			else
				this.buffer.push(data.time, data.planes);
		};
	}

	process(inputs, [outputs]) {
		this.buffer.pull(outputs);
		for (const plane of outputs) {
			for (let i = 0; i < plane.length; i++)
				this.peak = Math.max(this.peak, Math.abs(plane[i]));
		}
		if (currentTime >= this.reportAt)
			this.report();
		return !this.closed;
	}

	report() {
		const { stats, depthMs, targetMs } = this.buffer;
		this.port.postMessage({ peak: this.peak, depthMs, targetMs, ...stats });
		this.peak = 0;
		this.reportAt = currentTime + REPORT_EVERY_S;
	}
}

registerProcessor('lodge-playback', Playback);
